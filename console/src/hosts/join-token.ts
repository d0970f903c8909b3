// How long a join token is good, and for how many hosts.

import type { Schemas } from "@/api/client";
import { formatAge, parseTime, plural } from "@/state/words";

type JoinToken = Pick<Schemas["JoinTokenAnswer"], "expires_on" | "uses_left">;

const HOUR_S = 3600;

/** Choices of when a new token ends; the value is a number of seconds, or "" for never. */
export const ENDS: readonly { value: string; label: string }[] = [
  { value: String(HOUR_S), label: "In an hour" },
  { value: String(24 * HOUR_S), label: "In a day" },
  { value: String(7 * 24 * HOUR_S), label: "In 7 days" },
  { value: "", label: "Never" },
];

/** Whether no host can join with a token any more. */
export function isOver({ expires_on, uses_left }: JoinToken, now: number): boolean {
  return uses_left === 0 || parseTime(expires_on) <= now;
}

/** Return how long and how often a token is good, as a sentence. */
export function describeLimits(token: JoinToken, now: number): string {
  if (isOver(token, now)) return "This token is over: make a new one.";
  const end = parseTime(token.expires_on);
  const until = Number.isNaN(end) ? "does not end" : `ends in ${formatAge(end - now)}`;
  const uses = token.uses_left === null ? "any number of hosts" : plural(token.uses_left, "more host");
  return `This token ${until} and is good for ${uses}.`;
}

/** Return the body that asks for a new token; `uses` 0 has no bound. */
export function limitsBody(end: string, uses: number): Schemas["JoinTokenBody"] {
  return { ...(end && { lifetime_s: Number(end) }), ...(uses > 0 && { uses }) };
}
