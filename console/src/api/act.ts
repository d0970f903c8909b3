// Writes: carried out once however often they are sent, and marked on the object until it changes.

import { fail, followTask, mark, settle, type Subject } from "./asked";
import { asProblem, Problem, readProblem } from "./problem";

/** Waits before a request that did not arrive is sent again. */
const RETRY_MS = [300, 1000, 3000];

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Sends the request with these headers. */
export type Send<Data> = (headers: Record<string, string>) => Promise<Answer<Data>>;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Send a write; one that did not arrive is sent again under the same key, so it happens once. */
export async function write<Data>(send: Send<Data>, waits: readonly number[] = RETRY_MS): Promise<Data> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await send(headers);
      if (!answer.response.ok) throw readProblem(answer.response, answer.error);
      return answer.data as Data;
    } catch (thrown) {
      const wait = waits[tries];
      if (thrown instanceof Problem || wait === undefined) throw asProblem(thrown);
      await pause(wait);
    }
  }
}

/** Carry out an act on an object: mark it, send it, follow its task. Throws the refusal. */
export async function act<Data>(subject: Subject, verb: string, send: Send<Data>): Promise<Data> {
  mark(subject, verb);
  try {
    const data = await write(send);
    const taskId = taskOf(data);
    if (taskId) followTask(subject, taskId);
    else settle(subject.kind, subject.id);
    return data;
  } catch (thrown) {
    const problem = asProblem(thrown);
    fail(subject, verb, problem);
    throw problem;
  }
}

/** Return the task that an answer names, itself or of the deployment that it holds. */
function taskOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  if ("task_id" in data && typeof data.task_id === "string") return data.task_id;
  return "deployment" in data ? taskOf(data.deployment) : "";
}
