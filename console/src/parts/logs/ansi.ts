// Colours in the output of programs: escape sequences become classes, all others are dropped.

export interface Span {
  text: string;
  /** Names of classes, such as "red bold". */
  look: string;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
/** Control sequences, commands to the terminal's window, and lone controls but for the tab. */
const SEQUENCE = /\x1b\[([0-9;:?]*)([a-zA-Z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0b-\x1f\x7f]/g;

/** Longer lines are cut where they are drawn. */
export const MAX_DRAWN = 10_000;

interface Look {
  colour: string;
  bold: boolean;
  dim: boolean;
  underlined: boolean;
}

const PLAIN: Look = { colour: "", bold: false, dim: false, underlined: false };

/** Return a line as spans, each with its look. */
export function parseAnsi(line: string): Span[] {
  const spans: Span[] = [];
  let look = PLAIN;
  let from = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    add(spans, line.slice(from, match.index), look);
    from = match.index + match[0].length;
    if (match[2] === "m") look = change(look, match[1] ?? "");
  }
  add(spans, line.slice(from), look);
  return spans;
}

/** Return a line without its colours. */
export const plainText = (line: string): string => (line.includes("\x1b") ? line.replace(SEQUENCE, "") : line);

function add(spans: Span[], text: string, look: Look): void {
  if (text) spans.push({ text, look: [look.colour, look.bold && "bold", look.dim && "dim", look.underlined && "underlined"].filter(Boolean).join(" ") });
}

function change(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = look;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    // Exact colours would not be readable in both themes: their numbers are passed over.
    if (code === 38 || code === 48) index += codes[index + 1] === 5 ? 2 : 4;
    else next = applyCode(next, code);
  }
  return next;
}

const CHANGES: Record<number, Partial<Look>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  4: { underlined: true },
  22: { bold: false, dim: false },
  24: { underlined: false },
  39: { colour: "" },
};

function applyCode(look: Look, code: number): Look {
  if (CHANGES[code]) return { ...look, ...CHANGES[code] };
  const colour = code >= 90 ? code - 90 : code - 30;
  return COLOURS[colour] && code < 98 ? { ...look, colour: COLOURS[colour] } : look;
}
