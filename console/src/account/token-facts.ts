// Named tokens in words: what they may do, and when they end.

import type { Schemas } from "@/api/client";
import { formatAge, parseTime } from "@/state/words";

export type TokenItem = Schemas["TokenItem"];
/** What a named token may do. */
export type TokenScope = "full" | "read";

export const SCOPES: readonly { value: TokenScope; label: string }[] = [
  { value: "read", label: "Reading only" },
  { value: "full", label: "Full access" },
];

export const SCOPE_MEANING: Record<TokenScope, string> = {
  read: "It reads, searches and checks texts. It changes nothing, and sees neither the join token nor webhooks.",
  full: "It may do all that this account may do.",
};

const DAY_S = 86_400;

/** Choices of when a token ends; the value is a number of seconds, or "" for never. */
export const ENDS: readonly { value: string; label: string }[] = [
  { value: String(DAY_S), label: "In a day" },
  { value: String(30 * DAY_S), label: "In 30 days" },
  { value: String(90 * DAY_S), label: "In 90 days" },
  { value: String(365 * DAY_S), label: "In a year" },
  { value: "", label: "Never" },
];

/** Return when a token ends, in words. */
export function describeEnd(token: Pick<TokenItem, "expires_on" | "ended">, now: number): string {
  if (token.ended) return "ended";
  const end = parseTime(token.expires_on);
  return Number.isNaN(end) ? "does not end" : `ends in ${formatAge(end - now)}`;
}

/** Return the body that asks for a token. */
export function tokenBody(name: string, scope: TokenScope, end: string): Schemas["TokenBody"] {
  return { name: name.trim(), scope, ...(end && { lifetime_s: Number(end) }) };
}
