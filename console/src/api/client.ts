// Typed requests to the API: one client, one way in which refusals arrive.

import createClient from "openapi-fetch";
import { asProblem, readProblem } from "./problem";
import type { components, paths } from "./schema";
import { CONSOLE_HEADERS, renewSession } from "./session";

export type Schemas = components["schemas"];

/** Send a request; where the session has ended, wait for a login and send it again. */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  if (response.status !== 401) return response;
  await renewSession();
  return send(again);
}

/** Paths, parameters and bodies are checked against the API's description. */
export const client = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", headers: CONSOLE_HEADERS, fetch: send });

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return what a request answers; throws a Problem when it is refused or does not arrive. */
export async function call<Data>(request: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  let answer: Answer<Data>;
  try {
    answer = await request;
  } catch (thrown) {
    throw asProblem(thrown);
  }
  if (!answer.response.ok) throw readProblem(answer.response, answer.error);
  return answer.data as NonNullable<Data>;
}

/** Read JSON from a path whose answer the description does not type. */
export async function readJson<Data>(path: string, signal?: AbortSignal): Promise<Data> {
  const request = new Request(new URL(path, location.origin), { headers: CONSOLE_HEADERS, signal });
  try {
    const response = await send(request);
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) throw readProblem(response, body);
    return body as Data;
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw asProblem(thrown);
  }
}
