import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KNOWN_CODES } from "./fixes";

const SOURCES = join(import.meta.dirname, "../../../src/berth");
// Their codes are said at a shell, by programs that have fixes of their own.
const NOT_THE_API = /^(?:cli|client)\//;

function codesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py") && !NOT_THE_API.test(name))
    .flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/\bcode="([a-z_]+)"/g)])
    .map(([, code]) => code ?? "");
}

test("every refusal of the API says how to fix it", () => {
  const missing = [...new Set(codesOf(SOURCES))].filter((code) => !KNOWN_CODES.includes(code));
  expect(missing).toEqual([]);
});
