// Who has which tag.

import type { Store } from "@/live/store";
import { compareNames } from "@/state/order";
import type { Bearer } from "./tag-acts";

/** Return the hosts and pools that can have tags, pools first. */
export function listBearers(store: Store): Bearer[] {
  const pools = Array.from(store.all("pool").values(), (each): Bearer => ({ kind: "pool", id: each.id, name: each.name, tags: each.tags ?? [] }));
  const hosts = Array.from(store.all("host").values(), (each): Bearer => ({ kind: "host", id: each.host_id, name: each.info.hostname, tags: each.tags ?? [] }));
  const byName = (a: Bearer, b: Bearer) => compareNames(a.name, b.name);
  return [...pools.sort(byName), ...hosts.sort(byName)];
}

/** Return the objects whose tags change so that exactly the chosen ones have a tag, with their new tags. */
export function changesOf(bearers: readonly Bearer[], tag: string, chosen: ReadonlySet<string>): [Bearer, string[]][] {
  return bearers.flatMap((bearer): [Bearer, string[]][] => {
    const wanted = chosen.has(`${bearer.kind}/${bearer.id}`);
    if (bearer.tags.includes(tag) === wanted) return [];
    return [[bearer, wanted ? [...bearer.tags, tag] : bearer.tags.filter((each) => each !== tag)]];
  });
}
