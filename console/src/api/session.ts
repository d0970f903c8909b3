// Who is signed in: the cookie is out of reach of scripts, so the manager is asked.

import { Problem, readProblem } from "./problem";

const PATH = "/api/v2/session";

/** Sent with every request; the manager refuses cookies on writes without it. */
export const CONSOLE_HEADERS = { "X-Berth-Console": "1" } as const;

export type Session =
  | { state: "unknown" }
  | { state: "in"; user: string }
  | { state: "out" }
  /** Ended while pages are open: the login lies over the page, which stays. */
  | { state: "ended"; user: string };

let session: Session = { state: "unknown" };
const listeners = new Set<() => void>();
let waiting: (() => void)[] = [];

export const getSession = (): Session => session;

export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: Session): void {
  session = next;
  if (next.state === "in") waiting.splice(0).forEach((resume) => resume());
  for (const listener of listeners) listener();
}

async function ask(method: string, body?: object): Promise<Response> {
  const headers = { ...CONSOLE_HEADERS, ...(body ? { "Content-Type": "application/json" } : {}) };
  return fetch(PATH, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
}

/** Find out whether there is a session; throws where the manager does not answer. */
export async function loadSession(): Promise<void> {
  const response = await ask("GET");
  if (response.ok) change({ state: "in", user: userOf(await response.json()) });
  else if (response.status === 401) change({ state: "out" });
  else throw readProblem(response, await response.json().catch(() => null));
}

/** Sign in; throws the refusal. */
export async function signIn(username: string, password: string): Promise<void> {
  const response = await ask("POST", { username, password });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw readProblem(response, body);
  change({ state: "in", user: userOf(body) || username });
}

/** Sign out; the page is left even when the manager does not answer. */
export async function signOut(): Promise<void> {
  try {
    await ask("DELETE");
  } finally {
    change({ state: "out" });
  }
}

/** Wait until somebody has signed in again after a session ended. */
export function renewSession(): Promise<void> {
  if (session.state === "out") return Promise.reject(new Problem(401, [{ code: "signed_out", message: "You are signed out." }]));
  if (session.state !== "ended") change({ state: "ended", user: session.state === "in" ? session.user : "" });
  return new Promise((resolve) => {
    waiting = [...waiting, resolve];
  });
}

function userOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  const found = ["username", "user"].map((name) => (body as Record<string, unknown>)[name]).find(Boolean);
  if (typeof found === "string") return found;
  return typeof found === "object" ? userOf(found) : "";
}
