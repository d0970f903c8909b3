// Writes src/styles/tokens.css from the palette; fails when a contrast is too low.
// With --check it writes nothing and fails when the file is not what it would write.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contrast, css } from "./colours.ts";
import { DARK, demands, LIGHT, type Palette } from "./palette.ts";

const FILE = fileURLToPath(new URL("../src/styles/tokens.css", import.meta.url));

/** Return a sentence for each pair of tokens whose contrast is too low. */
export function findWeakPairs(name: string, palette: Palette): string[] {
  return demands().flatMap(({ front, ground, least }) => {
    const [one, two] = [palette[front], palette[ground]];
    if (!one || !two) return [`${name}: there is no token ${one ? ground : front}`];
    const ratio = contrast(one, two);
    return ratio >= least ? [] : [`${name}: ${front} on ${ground} has ${ratio.toFixed(2)}, needs ${least}`];
  });
}

function block(selector: string, palette: Palette, scheme: string): string {
  const lines = Object.entries(palette).map(([token, colour]) => `  --${token}: ${css(colour)};`);
  return `${selector} {\n  color-scheme: ${scheme};\n${lines.join("\n")}\n}\n`;
}

function strong(selector: string): string {
  return `${selector} {\n  --line: var(--line-strong);\n  --text-2: var(--text);\n  --text-3: var(--text);\n}\n`;
}

/** Return the style sheet. */
export function write(): string {
  return [
    "/* Written by scripts/tokens.ts from scripts/palette.ts. */\n",
    block(":root, [data-theme=\"light\"]", LIGHT, "light"),
    block("[data-theme=\"dark\"]", DARK, "dark"),
    `@media (prefers-contrast: more) {\n${strong(":root")}}\n`,
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const weak = [...findWeakPairs("light", LIGHT), ...findWeakPairs("dark", DARK)];
  const sheet = write();
  if (!process.argv.includes("--check")) writeFileSync(FILE, sheet);
  else if (readFileSync(FILE, "utf8") !== sheet) weak.push("src/styles/tokens.css is out of date: npm run tokens");
  weak.forEach((line) => console.error(line));
  process.exitCode = weak.length ? 1 : 0;
}
