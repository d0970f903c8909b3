// Colours of terminals, from the tokens of the theme.

import type { ITheme } from "@xterm/xterm";

/** Return a token as a colour that the terminal's parser knows. */
function token(name: string): string {
  const canvas = document.createElement("canvas").getContext("2d");
  if (!canvas) return "#888888";
  canvas.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((each = 0) => each.toString(16).padStart(2, "0")).join("")}`;
}

export function themeOf(): ITheme {
  const text = token("text");
  return {
    background: token("sunken"),
    foreground: text,
    cursor: token("accent"),
    cursorAccent: token("sunken"),
    selectionBackground: token("accent-soft"),
    black: token("line-strong"),
    red: token("bad"),
    green: token("ok"),
    yellow: token("wait"),
    blue: token("accent"),
    magenta: token("hold"),
    cyan: token("busy"),
    white: token("text-2"),
    brightBlack: token("text-3"),
    brightRed: token("bad"),
    brightGreen: token("ok"),
    brightYellow: token("wait"),
    brightBlue: token("accent"),
    brightMagenta: token("hold"),
    brightCyan: token("busy"),
    brightWhite: text,
  };
}
