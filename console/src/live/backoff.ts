// When to try again: soon at first, then less and less often, each tab at its own moment.

const WAITS_MS = [500, 1000, 2000, 4000, 8000];

export class Backoff {
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly run: () => void;

  constructor(run: () => void) {
    this.run = run;
  }

  /** Run after the next wait; one that is planned already stands. */
  later(): void {
    if (this.timer !== undefined) return;
    const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)] ?? 8000;
    this.tries += 1;
    this.timer = setTimeout(() => this.now(), wait * (0.75 + Math.random() / 2));
  }

  /** Run at once. */
  now(): void {
    this.stop();
    this.run();
  }

  /** Begin with the shortest wait again. */
  reset(): void {
    this.tries = 0;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
