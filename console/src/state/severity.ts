// Severities by name.

export const SEVERITIES = ["critical", "error", "warning", "info", "debug", "cleared"] as const;

export type SeverityName = (typeof SEVERITIES)[number];

/** Return the severity that the API's word means. */
export function severityOf(word: string): SeverityName {
  const name = word.toLowerCase();
  return (SEVERITIES as readonly string[]).includes(name) ? (name as SeverityName) : "info";
}
