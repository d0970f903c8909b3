// Pools: is there room?

import { Plus } from "lucide-react";
import { useState } from "react";
import { useDerived, useLoaded, useOnline } from "@/live/hooks";
import type { Pool } from "@/live/records";
import { AskedMark } from "@/parts/asked-mark";
import { Berths } from "@/parts/berths";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Empty } from "@/parts/empty";
import { Meter } from "@/parts/meter";
import { Page, Panel } from "@/parts/page";
import { Ref } from "@/parts/ref";
import { usePool } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { conditionOf } from "@/state/condition";
import { compareConditions, compareNames } from "@/state/order";
import { formatBytes, formatCount, plural } from "@/state/words";
import { PoolDialog } from "./pool-dialog";
import { PoolMenu } from "./pool-menu";
import css from "./pools.module.css";

const MB = 1024 * 1024;

export function PoolsPage() {
  const scope = usePool();
  const online = useOnline();
  const loaded = useLoaded("pool");
  const [adding, setAdding] = useState(false);
  const pools = useDerived(
    ["pool"],
    (store) => [...store.all("pool").values()].filter((each) => !scope || each.id === scope).sort((a, b) => compareNames(a.name, b.name)),
    [scope],
  );
  const add = <Button look="main" reason={online ? undefined : "Offline"} onClick={() => setAdding(true)}><Plus size={16} aria-hidden="true" /> New pool</Button>;
  return (
    <Page title="Pools" name="Pools" note={loaded && <span className="mono">{formatCount(pools.length)}</span>} acts={add}>
      {!loaded && <Skeleton rows={6} />}
      {loaded && pools.length === 0 && <Panel><Empty title="No pool here">A pool is a group of hosts. A deployment runs on the hosts of one pool.</Empty></Panel>}
      <ul className={css.tiles}>
        {pools.map((pool) => <li key={pool.id}><PoolTile pool={pool} /></li>)}
      </ul>
      {adding && <PoolDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

function PoolTile({ pool }: { pool: Pool }) {
  return (
    <Panel
      title={<Ref kind="pool" id={pool.id}>{pool.name}</Ref>}
      acts={<span className={css.end}><AskedMark kind="pool" id={pool.id} /> <PoolMenu pool={pool} /></span>}
    >
      <div className={css.tile}>
        <p className="muted">{pool.description || "No description"}</p>
        <PoolNumbers pool={pool} />
        <PoolStrip id={pool.id} />
        {(pool.tags ?? []).length > 0 && <p>{(pool.tags ?? []).map((tag) => <Chip key={tag}>{tag}</Chip>)}</p>}
      </div>
    </Panel>
  );
}

/** Hosts, containers, processor and memory of a pool. */
export function PoolNumbers({ pool }: { pool: Pool }) {
  const count = useDerived(["container"], (store) => store.containersOf("pool", pool.id).size, [pool.id], 1);
  const { total_hosts: total, active_hosts: active, resources } = pool;
  return (
    <dl className={css.numbers}>
      <div><dt>Hosts</dt><dd className={active < total ? css.away : ""}>{active < total ? `${formatCount(active)} of ${plural(total, "host")} active` : formatCount(total)}</dd></div>
      <div><dt>Containers</dt><dd>{formatCount(count)}</dd></div>
      <div><dt>CPU</dt><dd><Meter label="CPU" percent={resources.cpu_percent} /></dd></div>
      <div>
        <dt>Memory</dt>
        <dd title={`${formatBytes(resources.memory_used * MB)} of ${formatBytes(resources.memory_max * MB)}`}><Meter label="Memory" percent={resources.memory_percent} /></dd>
      </div>
    </dl>
  );
}

export function PoolStrip({ id }: { id: string }) {
  const conditions = useDerived(
    ["container"],
    (store) => [...store.containersOf("pool", id)].flatMap((each) => store.get("container", each) ?? []).map((each) => conditionOf(each)).sort(compareConditions),
    [id],
    2,
  );
  return <Berths conditions={conditions} />;
}
