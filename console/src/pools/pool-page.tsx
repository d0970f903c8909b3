// A pool: its sums, its hosts, and moving hosts here.

import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useDerived, useLoaded, useOnline, useRecord } from "@/live/hooks";
import type { Host, Pool } from "@/live/records";
import { AskedMark } from "@/parts/asked-mark";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Empty } from "@/parts/empty";
import { State } from "@/parts/glyph";
import { KeyValue } from "@/parts/key-value";
import { Meter } from "@/parts/meter";
import { Page, Panel } from "@/parts/page";
import { keepPool, Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { HOST_LABEL, HOST_SHAPE, hostWord } from "@/state/host-word";
import { compareNames } from "@/state/order";
import { formatBytes, plural } from "@/state/words";
import { MoveSheet } from "./move-sheet";
import { PoolMenu } from "./pool-menu";
import css from "./pools.module.css";
import { PoolNumbers, PoolStrip } from "./pools-page";

const MB = 1024 * 1024;

export function PoolPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const navigate = useNavigate();
  const online = useOnline();
  const loaded = useLoaded("pool");
  const pool = useRecord("pool", id);
  const [moving, setMoving] = useState(false);
  const hosts = useDerived(
    ["host"],
    (store) => [...store.all("host").values()].filter((each) => each.info.pool_id === id).sort((a, b) => compareNames(a.info.hostname, b.info.hostname)),
    [id],
  );
  if (!pool) return loaded ? <Empty title="There is no such pool">It was removed, or never made.</Empty> : <Skeleton />;
  const move = <Button reason={online ? undefined : "Offline"} onClick={() => setMoving(true)}>Move hosts here</Button>;
  return (
    <Page
      name={pool.name}
      title={pool.name}
      note={<>{pool.description} <AskedMark kind="pool" id={id} /></>}
      acts={<>{move}<PoolMenu pool={pool} onRemoved={() => void navigate({ to: "/pools", search: keepPool as never })} /></>}
    >
      <Panel>
        <div className={css.tile}>
          <PoolNumbers pool={pool} />
          <PoolStrip id={id} />
        </div>
      </Panel>
      <Panel title="Hosts" acts={<span className="muted">{plural(hosts.length, "host")}</span>}>
        {hosts.length === 0 ? <Empty title="No hosts" acts={move}>Hosts join a pool with their agent, or are moved from another one.</Empty> : <Hosts hosts={hosts} />}
      </Panel>
      <About pool={pool} />
      {moving && <MoveSheet pool={pool} onClose={() => setMoving(false)} />}
    </Page>
  );
}

function Hosts({ hosts }: { hosts: readonly Host[] }) {
  return (
    <ul>
      {hosts.map((host) => (
        <li key={host.host_id} className={css.host}>
          <State condition={HOST_SHAPE[hostWord(host)]} word={HOST_LABEL[hostWord(host)]} />
          <span><Ref kind="host" id={host.host_id} className="mono">{host.info.hostname}</Ref> <AskedMark kind="host" id={host.host_id} /></span>
          <span className="muted">{plural(host.info.running_cnts, "container")}</span>
          <Meter label="CPU" percent={host.info.cpu} />
          <Meter label="Memory" percent={host.info.memory} />
        </li>
      ))}
    </ul>
  );
}

function About({ pool }: { pool: Pool }) {
  const { resources, tags } = pool;
  return (
    <Panel title="About">
      <KeyValue
        facts={[
          { name: "Id", value: <code>{pool.id}</code> },
          { name: "Memory", value: `${formatBytes(resources.memory_used * MB)} of ${formatBytes(resources.memory_max * MB)} on active hosts` },
          { name: "Tags", value: (tags ?? []).length ? (tags ?? []).map((tag) => <Chip key={tag}>{tag}</Chip>) : "none" },
        ]}
      />
    </Panel>
  );
}
