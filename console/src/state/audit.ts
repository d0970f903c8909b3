// Events of what people and programs did: which they are, and where each came from.

/** Keys of the events that tell who did what. */
export const AUDIT_KEYS: readonly string[] = [
  "account_changed", "definition_changed", "definition_deleted", "definition_made", "exec_started", "export_made", "join_token_rotated",
  "key_deleted", "key_written", "login", "login_refused", "password_changed", "registry_changed", "registry_deleted", "registry_made",
  "session_ended", "token_ended", "token_made", "token_renewed", "webhook_changed",
];

const KEYS: ReadonlySet<string> = new Set(AUDIT_KEYS);

/** Whether an event tells who did what. */
export const isAudit = ({ event_key }: { event_key: string }): boolean => KEYS.has(event_key);

/** Return where an act came from: with which credential, from which address; "" where that is not told. */
export function describeOrigin({ credential = "", address = "" }: Record<string, string | undefined>): string {
  const how = credential && `${credential.startsWith("session ") ? "in" : "with"} the ${credential}`;
  const where = address && `from ${address}`;
  return [how, where].filter(Boolean).join(", ");
}
