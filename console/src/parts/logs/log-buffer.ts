// The lines that a page holds: the newest 50,000, told to the view once a frame.

/** A line as the API tells it. */
export interface ApiLine {
  time?: string;
  stream: string;
  text: string;
  container_id?: string;
  container_name?: string;
  service_id?: string;
  service_slot?: number;
  hostname?: string;
}

export interface LogLine extends ApiLine {
  /** Counts on with each newer line, and back with each older one. */
  number: number;
  /** A sentence of the view itself: "0.api.shop ended". */
  rule?: boolean;
}

const MAX_LINES = 50_000;
/** At most this many are let go at once, since each time costs a copy. */
const SLACK = 2000;

export class LogBuffer {
  private lines: LogLine[] = [];
  private first = 0;
  private listeners = new Set<() => void>();
  private planned = false;
  /** Grows whenever the lines change. */
  version = 0;
  private readonly schedule: (run: () => void) => void;

  constructor(schedule: (run: () => void) => void = requestAnimationFrame) {
    this.schedule = schedule;
  }

  all(): readonly LogLine[] {
    return this.lines;
  }

  get oldest(): LogLine | undefined {
    return this.lines.find((line) => !line.rule);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Take newer lines; the oldest go when there are too many. */
  append(lines: readonly (ApiLine & { rule?: boolean })[]): void {
    let number = this.first + this.lines.length;
    for (const line of lines) this.lines.push({ ...line, number: number++ });
    if (this.lines.length > MAX_LINES + SLACK) {
      const surplus = this.lines.length - MAX_LINES;
      this.lines = this.lines.slice(surplus);
      this.first += surplus;
    }
    this.changed();
  }

  /** Take older lines, in order. */
  prepend(lines: readonly ApiLine[]): void {
    this.first -= lines.length;
    const first = this.first;
    this.lines = [...lines.map((line, index) => ({ ...line, number: first + index })), ...this.lines];
    this.changed();
  }

  clear(): void {
    this.lines = [];
    this.changed();
  }

  private changed(): void {
    if (this.planned) return;
    this.planned = true;
    this.schedule(() => {
      this.planned = false;
      this.version += 1;
      for (const listener of this.listeners) listener();
    });
  }
}

/** Return the lines of an answer that has each stream as one text, by time. */
export function linesOfStreams(stdout: string, stderr: string): ApiLine[] {
  const lines = [...linesOf("stdout", stdout), ...linesOf("stderr", stderr)];
  return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function linesOf(stream: string, text: string): (ApiLine & { time: string })[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const space = line.indexOf(" ");
      return space < 0 ? { stream, time: line, text: "" } : { stream, time: line.slice(0, space), text: line.slice(space + 1) };
    });
}
