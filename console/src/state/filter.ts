// The language of filters: words that must all occur, -word, "two words", field:value, field:<10m.

export interface Term {
  /** "" searches all texts of a row. */
  field: string;
  value: string;
  negated: boolean;
  operator: "has" | "<" | ">";
}

export interface Filter {
  terms: Term[];
  /** What cannot be applied, in a sentence each. */
  problems: string[];
}

const WORD = /(-)?(?:([a-z_]+):)?(?:"([^"]*)"?|(\S+))/gi;

/** Read a filter; unknown fields are told, not ignored. */
export function parseFilter(text: string, fields: readonly string[]): Filter {
  const filter: Filter = { terms: [], problems: [] };
  for (const [, minus, name = "", quoted, plain] of text.matchAll(WORD)) {
    const field = name.toLowerCase();
    const term = readTerm(field, quoted, plain ?? "");
    const problem = findProblem(term, fields);
    if (problem) filter.problems.push(problem);
    else if (term.value) filter.terms.push({ ...term, negated: minus === "-" });
  }
  return filter;
}

function readTerm(field: string, quoted: string | undefined, plain: string): Term {
  const compares = field !== "" && /^[<>]/.test(plain);
  const value = quoted ?? (compares ? plain.slice(1) : plain);
  return { field, value: value.toLowerCase(), negated: false, operator: compares ? (plain[0] as "<" | ">") : "has" };
}

function findProblem({ field, value, operator }: Term, fields: readonly string[]): string | undefined {
  if (field && !fields.includes(field)) return `There is no field “${field}”. Fields: ${fields.join(", ")}.`;
  if (operator === "has" || !value || !Number.isNaN(readAmount(value))) return undefined;
  return `“${value}” is neither a number nor an age such as 10m.`;
}

const FACTORS: Record<string, number> = { "": 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400, "%": 1 };

/** Return a number, or the seconds of an age such as `10m`. */
export function readAmount(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z%]*)$/i.exec(text) ?? [];
  const factor = FACTORS[(unit ?? "").toLowerCase()];
  return number === undefined || factor === undefined ? NaN : Number(number) * factor;
}

/** What a row has to say to a filter. */
export interface Searchable {
  /** All texts in lower case, in one. */
  text: string;
  /** The value of a field: text in lower case, or an amount (ages in seconds). */
  field: (name: string) => string | number | undefined;
}

/** Whether a row passes all terms. */
export function passes(filter: Filter, row: Searchable): boolean {
  return filter.terms.every((term) => matches(term, row) !== term.negated);
}

function matches(term: Term, row: Searchable): boolean {
  if (!term.field) return row.text.includes(term.value);
  const value = row.field(term.field);
  if (value === undefined) return false;
  if (term.operator === "has") return String(value).includes(term.value);
  const amount = typeof value === "number" ? value : readAmount(value);
  const limit = readAmount(term.value);
  return term.operator === "<" ? amount < limit : amount > limit;
}
