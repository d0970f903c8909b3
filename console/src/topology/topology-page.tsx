// Topology: where is everything?

import { useDerived, useLoaded } from "@/live/hooks";
import { Berths } from "@/parts/berths";
import { Button } from "@/parts/button";
import { Empty } from "@/parts/empty";
import { State } from "@/parts/glyph";
import { Page, Panel } from "@/parts/page";
import { Ref } from "@/parts/ref";
import { usePageSearch, usePool } from "@/parts/search";
import { Select } from "@/parts/select";
import { Skeleton } from "@/parts/skeleton";
import { CONDITIONS } from "@/state/condition";
import { compareNames } from "@/state/order";
import { plural } from "@/state/words";
import { FleetMap } from "./fleet-map";
import { viewFleet } from "./fleet-view";
import type { PoolView } from "./layout";
import css from "./topology-page.module.css";

export function TopologyPage() {
  const pool = usePool();
  const [{ view, deployment }, change] = usePageSearch({ view: "map", deployment: "" });
  const loaded = useLoaded("host", "container", "pool");
  const pools = useDerived(["host", "container", "slot", "pool", "deployment"], (store) => viewFleet(store, pool, deployment), [pool, deployment], 2);
  const deployments = useDerived(["deployment"], (store) => [...store.all("deployment")].map(([value, each]) => ({ value, label: each.deployment_name })), [], 1);
  const hosts = pools.flatMap((each) => each.tiles).filter((tile) => tile.id);
  const used = new Set(pools.flatMap((each) => each.tiles.flatMap((tile) => tile.cells.map((cell) => cell.condition))));
  const options = [{ value: "all", label: "All deployments" }, ...deployments.sort((a, b) => compareNames(a.label, b.label))];
  return (
    <Page
      fixed={view === "map"}
      name="Topology"
      title="Topology"
      note={loaded && plural(hosts.length, "host")}
      acts={
        <>
          <Select label="Deployment" value={deployment || "all"} options={options} onChange={(value) => change({ deployment: value === "all" ? "" : value })} />
          <Button aria-pressed={view === "map"} onClick={() => change({ view: view === "map" ? "table" : "map" })}>{view === "map" ? "Show as table" : "Show as map"}</Button>
        </>
      }
    >
      <div className={css.legend}>{CONDITIONS.filter((each) => used.has(each)).map((each) => <State key={each} condition={each} />)}</div>
      {!loaded && <Skeleton />}
      {loaded && hosts.length === 0 && <Empty title="There are no hosts">Hosts appear here as soon as their agents join.</Empty>}
      {loaded && hosts.length > 0 && (view === "map" ? <FleetMap pools={pools} /> : <FleetTable pools={pools} />)}
    </Page>
  );
}

function FleetTable({ pools }: { pools: readonly PoolView[] }) {
  return pools.map((pool) => (
    <Panel key={pool.id} title={<Ref kind="pool" id={pool.id}>{pool.name}</Ref>}>
      <ul>
        {pool.tiles.map((tile) => (
          <li key={tile.id} className={css.row}>
            {tile.id ? <Ref kind="host" id={tile.id} className="mono">{tile.name}</Ref> : <span>{tile.name}</span>}
            <span className="muted">{tile.trouble || "active"}</span>
            <Berths conditions={tile.cells.filter((cell) => !cell.dim).map((cell) => cell.condition)} />
          </li>
        ))}
      </ul>
    </Panel>
  ));
}
