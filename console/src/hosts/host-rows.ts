// Hosts as a list shows them: filtered, counted by state, sorted.

import type { Host } from "@/live/records";
import type { Store } from "@/live/store";
import { type Filter, passes, type Searchable } from "@/state/filter";
import { HOST_STATES, type HostWord, hostWord } from "@/state/host-word";
import { compareNames } from "@/state/order";

export const FILTER_FIELDS = ["name", "pool", "state", "tag", "address", "cpu", "memory"];

export interface HostQuery {
  filter: Filter;
  words: readonly string[];
  pool: string;
  by: string;
  down: boolean;
}

export interface HostList {
  ids: string[];
  counts: Record<HostWord, number>;
  total: number;
}

export function listHosts(store: Store, query: HostQuery): HostList {
  const all = store.all("host");
  const rows = [...all].filter(
    ([, host]) => (!query.pool || host.info.pool_id === query.pool) && passes(query.filter, searchable(host)),
  );
  const counts = Object.fromEntries(HOST_STATES.map((word) => [word, 0])) as Record<HostWord, number>;
  for (const [, host] of rows) counts[hostWord(host)] += 1;
  const shown = rows.filter(([, host]) => query.words.length === 0 || query.words.includes(hostWord(host)));
  const compare = COMPARE[query.by] ?? byName;
  const sign = query.down ? -1 : 1;
  shown.sort(([, a], [, b]) => sign * compare(a, b) || byName(a, b));
  return { ids: shown.map(([id]) => id), counts, total: all.size };
}

type Compare = (a: Host, b: Host) => number;

const byName: Compare = (a, b) => compareNames(a.info.hostname, b.info.hostname);

const COMPARE: Record<string, Compare> = {
  state: (a, b) => HOST_STATES.indexOf(hostWord(a)) - HOST_STATES.indexOf(hostWord(b)),
  name: byName,
  pool: (a, b) => compareNames(a.info.pool_id, b.info.pool_id),
  cpu: (a, b) => a.info.cpu - b.info.cpu,
  memory: (a, b) => a.info.memory - b.info.memory,
  load: (a, b) => a.load - b.load,
  containers: (a, b) => a.info.running_cnts - b.info.running_cnts,
  seen: (a, b) => b.info.last_seen - a.info.last_seen,
};

function searchable(host: Host): Searchable {
  const { hostname, pool_id, ip_addresses, cpu, memory } = host.info;
  const tags = (host.tags ?? []).join(" ");
  const fields: Record<string, string | number> = {
    name: hostname, pool: pool_id, state: hostWord(host), tag: tags, address: ip_addresses, cpu, memory,
  };
  return {
    text: [hostname, pool_id, ip_addresses, tags, host.host_id].join("\n").toLowerCase(),
    field: (name) => (typeof fields[name] === "string" ? fields[name].toLowerCase() : fields[name]),
  };
}
