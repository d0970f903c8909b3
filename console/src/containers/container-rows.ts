// Containers as a list shows them: filtered, counted by state, sorted.

import type { Container } from "@/live/records";
import type { Store } from "@/live/store";
import { type Condition, conditionOf, type Counts, countConditions } from "@/state/condition";
import { type Filter, passes, type Searchable } from "@/state/filter";
import { compareConditions, compareNames } from "@/state/order";
import { parseTime } from "@/state/words";

export const FILTER_FIELDS = ["name", "image", "host", "pool", "deployment", "service", "state", "id", "since"];

export interface Query {
  filter: Filter;
  /** Conditions to show; all when empty. */
  states: readonly string[];
  pool: string;
  by: string;
  down: boolean;
}

export interface ContainerList {
  ids: string[];
  /** By condition, before the chips are applied. */
  counts: Counts;
  total: number;
}

/** Return the ids to show, in order, with the counts of the chips. */
export function listContainers(store: Store, query: Query, now: number): ContainerList {
  const all = store.all("container");
  const rows: [id: string, row: Container, condition: Condition][] = [];
  for (const [id, row] of all) {
    if (query.pool && row.host_group !== query.pool) continue;
    if (query.filter.terms.length && !passes(query.filter, searchable(row, now))) continue;
    rows.push([id, row, conditionOf(row)]);
  }
  const counts = countConditions(rows.map(([, row]) => row));
  const shown = query.states.length ? rows.filter(([, , condition]) => query.states.includes(condition)) : rows;
  const compare = COMPARE[query.by] ?? byName;
  const sign = query.down ? -1 : 1;
  shown.sort((a, b) => sign * compare(a, b) || byName(a, b));
  return { ids: shown.map(([id]) => id), counts, total: all.size };
}

type Row = [id: string, row: Container, condition: Condition];

const byName = ([, a]: Row, [, b]: Row) => compareNames(a.container_name, b.container_name);

const COMPARE: Record<string, (a: Row, b: Row) => number> = {
  state: ([, , a], [, , b]) => compareConditions(a, b),
  name: byName,
  image: ([, a], [, b]) => compareNames(a.image, b.image),
  deployment: ([, a], [, b]) => compareNames(a.deployment_name, b.deployment_name),
  service: ([, a], [, b]) => compareNames(a.service_id, b.service_id),
  attempt: ([, a], [, b]) => a.attempt - b.attempt,
  slot: ([, a], [, b]) => a.service_slot - b.service_slot,
  host: ([, a], [, b]) => compareNames(a.hostname, b.hostname),
  pool: ([, a], [, b]) => compareNames(a.host_group, b.host_group),
  since: ([, a], [, b]) => (parseTime(b.started_at) || 0) - (parseTime(a.started_at) || 0),
  message: ([, a], [, b]) => compareNames(b.message, a.message),
};

function searchable(row: Container, now: number): Searchable {
  const { container_name, image, hostname, host_group, deployment_name, service_id, container_id, message } = row;
  const fields: Record<string, string> = {
    name: container_name,
    image,
    host: hostname,
    pool: host_group,
    deployment: deployment_name,
    service: service_id,
    state: row.state,
    id: container_id,
  };
  return {
    text: [container_name, image, hostname, deployment_name, message, container_id].join("\n").toLowerCase(),
    field: (name) => (name === "since" ? (now - parseTime(row.started_at)) / 1000 : fields[name]?.toLowerCase()),
  };
}
