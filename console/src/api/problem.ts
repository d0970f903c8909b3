// What the API says when it refuses, as one type.

/** One thing wrong with a request; the place may be a member or a line of a definition. */
export interface ProblemItem {
  message: string;
  code: string;
  field?: string;
  line?: number;
  column?: number;
  path?: string;
}

/** A refusal of the API, or a request that never reached it (`unreachable`). */
export class Problem extends Error {
  readonly status: number;
  readonly items: ProblemItem[];
  readonly requestId: string;
  readonly retryAfter: number;

  constructor(status: number, items: ProblemItem[], requestId = "", retryAfter = 0) {
    super(items[0]?.message ?? `The manager answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.items = items;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }

  get code(): string {
    return this.items[0]?.code ?? "unknown";
  }
}

/** Return the problem that an answer tells of; any body is accepted, a proxy may have written it. */
export function readProblem(response: Response, body: unknown): Problem {
  const items = itemsOf(body) ?? [
    { code: `http_${response.status}`, message: `The manager answered ${response.status} ${response.statusText}`.trim() },
  ];
  const headers = response.headers;
  return new Problem(response.status, items, headers.get("X-Request-Id") ?? "", Number(headers.get("Retry-After")) || 0);
}

function itemsOf(body: unknown): ProblemItem[] | undefined {
  if (typeof body !== "object" || body === null || !("errors" in body) || !Array.isArray(body.errors)) return undefined;
  const items = body.errors.filter(
    (item): item is ProblemItem => typeof item?.message === "string" && typeof item?.code === "string",
  );
  return items.length ? items : undefined;
}

/** Return any thrown value as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof TypeError) return new Problem(0, [{ code: "unreachable", message: "The manager cannot be reached." }]);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem(0, [{ code: "console_error", message }]);
}
