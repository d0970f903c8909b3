// Saves the lines that a page holds as a text file.

import { plainText } from "./ansi";
import type { LogLine } from "./log-buffer";

export function saveLog(name: string, lines: readonly LogLine[]): void {
  const text = lines.map((line) => [line.time, line.container_name, plainText(line.text)].filter(Boolean).join(" ")).join("\n");
  saveText(`${name}.log`, `${text}\n`);
}

/** Let the browser save a text under a name. */
export function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}
