// Marks of what was asked for and not yet seen, and acts that failed and were not dismissed.
// Nothing is drawn before the manager has told it: until then an object has its mark.

import type { Problem } from "./problem";

/** An object of the API. */
export interface Subject {
  kind: string;
  id: string;
  /** What people call it. */
  name: string;
}

export interface Mark {
  verb: string;
  since: number;
  taskId: string;
}

export interface Failure {
  number: number;
  subject: Subject;
  verb: string;
  at: number;
  problem: Problem;
}

const marks = new Map<string, Mark>();
let failures: readonly Failure[] = [];
let count = 0;
const listeners = new Set<() => void>();

const keyOf = (kind: string, id: string) => `${kind}/${id}`;

function notify(): void {
  for (const listener of listeners) listener();
}

export function subscribeAsked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const markOf = (kind: string, id: string): Mark | undefined => marks.get(keyOf(kind, id));

export const getFailures = (): readonly Failure[] => failures;

/** Mark an object as asked for. */
export function mark(subject: Subject, verb: string): void {
  marks.set(keyOf(subject.kind, subject.id), { verb, since: Date.now(), taskId: "" });
  notify();
}

/** Note the task that carries out what was asked for. */
export function followTask(subject: Subject, taskId: string): void {
  const found = marks.get(keyOf(subject.kind, subject.id));
  if (found) marks.set(keyOf(subject.kind, subject.id), { ...found, taskId });
}

/** Take the mark off an object whose change was told. */
export function settle(kind: string, id: string): void {
  if (marks.delete(keyOf(kind, id))) notify();
}

/** Take the marks off whatever a closed task was for. */
export function settleTask(taskId: string): void {
  for (const [key, each] of marks) if (each.taskId === taskId) marks.delete(key);
  notify();
}

/** Keep a failure until somebody dismisses it. */
export function fail(subject: Subject, verb: string, problem: Problem): void {
  marks.delete(keyOf(subject.kind, subject.id));
  count += 1;
  failures = [{ number: count, subject, verb, at: Date.now(), problem }, ...failures].slice(0, 50);
  notify();
}

/** Put a failure away. */
export function dismiss(number: number): void {
  failures = failures.filter((each) => each.number !== number);
  notify();
}
