// What is wrong now, grouped by cause: the most severe and most frequent first.

import { severityOf, type SeverityName } from "./severity";

/** What a matter follows from; a status of the store is one. */
export interface Fault {
  fingerprint: string;
  event_key: string;
  actor_type: string;
  actor_id: string;
  actor_label: string;
  summary: string;
  message: string;
  severity_description: string;
  clear_event_id: number;
  last_seen: string;
}

export interface Matter {
  key: string;
  severity: SeverityName;
  /** Of the newest of the group. */
  summary: string;
  message: string;
  statuses: Fault[];
}

const RANK: Record<SeverityName, number> = { critical: 0, error: 1, warning: 2, info: 3, debug: 4, cleared: 5 };

/** Return statuses that are not cleared and at least warnings, grouped by what happened. */
export function groupMatters(statuses: Iterable<Fault>): Matter[] {
  const groups = new Map<string, Matter>();
  for (const status of statuses) {
    const severity = severityOf(status.severity_description);
    if (status.clear_event_id || RANK[severity] > RANK.warning) continue;
    const key = `${severity}/${status.event_key}/${status.actor_type}`;
    const group = groups.get(key) ?? { key, severity, summary: status.summary, message: status.message, statuses: [] };
    group.statuses.push(status);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => RANK[a.severity] - RANK[b.severity] || b.statuses.length - a.statuses.length);
}
