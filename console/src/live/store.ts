// Everything live that the console knows: a map per kind. Only the link writes here.

import type { Kind, Records } from "./records";

type Listener = () => void;

/** Runs a function at the next frame. */
export type Schedule = (run: () => void) => void;

/** Members of a container that lists ask for by. */
const INDEXED = { deployment: "deployment_id", host: "host_id", pool: "host_group" } as const;
export type Index = keyof typeof INDEXED;

const NONE: ReadonlySet<string> = new Set();

export class Store {
  private readonly tables = new Map<Kind, Map<string, unknown>>();
  private readonly versions = new Map<Kind, number>();
  private readonly indices: Record<Index, Map<string, Set<string>>> = {
    deployment: new Map(),
    host: new Map(),
    pool: new Map(),
  };
  private readonly dirty = new Map<Kind, Set<string>>();
  private readonly rows = new Map<string, Set<Listener>>();
  private readonly kinds = new Map<Kind, Set<Listener>>();
  private readonly schedule: Schedule;
  private planned = false;

  constructor(schedule: Schedule = requestAnimationFrame) {
    this.schedule = schedule;
  }

  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    return this.tables.get(kind)?.get(id) as Records[K] | undefined;
  }

  all<K extends Kind>(kind: K): ReadonlyMap<string, Records[K]> {
    return this.table(kind) as ReadonlyMap<string, Records[K]>;
  }

  count(kind: Kind): number {
    return this.tables.get(kind)?.size ?? 0;
  }

  /** Ids of the containers of a deployment, host or pool. */
  containersOf(index: Index, id: string): ReadonlySet<string> {
    return this.indices[index].get(id) ?? NONE;
  }

  /** A number that grows whenever anything of a kind was told to have changed. */
  version(kind: Kind): number {
    return this.versions.get(kind) ?? 0;
  }

  /** Keep a record, or forget it; whoever draws it is told at the next frame. */
  put<K extends Kind>(kind: K, id: string, record: Records[K] | null): void {
    const table = this.table(kind);
    const before = table.get(id);
    if (record === null ? before === undefined : before === record) return;
    if (record === null) table.delete(id);
    else table.set(id, record);
    if (kind === "container") this.index(id, before as Records["container"], record as Records["container"] | null);
    this.touch(kind, id);
  }

  /** Make these records all that there are of a kind; rows that did not change are not drawn again. */
  replace<K extends Kind>(kind: K, records: ReadonlyMap<string, Records[K]>): void {
    for (const id of [...this.table(kind).keys()]) if (!records.has(id)) this.put(kind, id, null);
    for (const [id, record] of records) {
      const before = this.get(kind, id);
      if (before === undefined || JSON.stringify(before) !== JSON.stringify(record)) this.put(kind, id, record);
    }
    if (this.version(kind) === 0) this.touch(kind, "");
  }

  /** Hear when one record changes. */
  onRecord(kind: Kind, id: string, listener: Listener): () => void {
    return listen(this.rows, `${kind}/${id}`, listener);
  }

  /** Hear when anything of a kind changes. */
  onKind(kind: Kind, listener: Listener): () => void {
    return listen(this.kinds, kind, listener);
  }

  /** Tell everybody of what changed since the last time: rows first, then kinds. */
  flush(): void {
    this.planned = false;
    const changed = [...this.dirty];
    this.dirty.clear();
    for (const [kind] of changed) this.versions.set(kind, this.version(kind) + 1);
    for (const [kind, ids] of changed) for (const id of ids) tell(this.rows.get(`${kind}/${id}`));
    for (const [kind] of changed) tell(this.kinds.get(kind));
  }

  private table(kind: Kind): Map<string, unknown> {
    let table = this.tables.get(kind);
    if (!table) this.tables.set(kind, (table = new Map()));
    return table;
  }

  private touch(kind: Kind, id: string): void {
    let ids = this.dirty.get(kind);
    if (!ids) this.dirty.set(kind, (ids = new Set()));
    ids.add(id);
    if (this.planned) return;
    this.planned = true;
    this.schedule(() => this.flush());
  }

  private index(id: string, before: Records["container"] | undefined, after: Records["container"] | null): void {
    for (const index of Object.keys(INDEXED) as Index[]) {
      const [from, to] = [before?.[INDEXED[index]], after?.[INDEXED[index]]];
      if (from === to) continue;
      const map = this.indices[index];
      if (from) take(map, from, id);
      if (to) map.set(to, (map.get(to) ?? new Set()).add(id));
    }
  }
}

function take(map: Map<string, Set<string>>, key: string, id: string): void {
  const ids = map.get(key);
  ids?.delete(id);
  if (ids?.size === 0) map.delete(key);
}

function listen<Key>(map: Map<Key, Set<Listener>>, key: Key, listener: Listener): () => void {
  const listeners = map.get(key) ?? new Set();
  map.set(key, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && map.get(key) === listeners) map.delete(key);
  };
}

function tell(listeners: ReadonlySet<Listener> | undefined): void {
  if (listeners) for (const listener of [...listeners]) listener();
}

/** The store of this page. */
export const store = new Store((run) => requestAnimationFrame(run));
