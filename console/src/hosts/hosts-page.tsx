// Hosts: which cannot work, which is full?

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useDerived, useLoaded, useRecord } from "@/live/hooks";
import type { Host } from "@/live/records";
import { isStale } from "@/live/stale";
import { Ago } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { Chip, FilterChip } from "@/parts/chip";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Glyph, State } from "@/parts/glyph";
import { LinkButton } from "@/parts/link-button";
import { Meter } from "@/parts/meter";
import { Page } from "@/parts/page";
import { addressOf, keepPool, Ref } from "@/parts/ref";
import { usePageSearch, usePool } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { type Column, Table } from "@/parts/table";
import { parseFilter } from "@/state/filter";
import { HOST_LABEL, HOST_SHAPE, HOST_STATES, hostWord } from "@/state/host-word";
import { formatCount } from "@/state/words";
import css from "@/styles/list.module.css";
import { HostMenu } from "./host-menu";
import { FILTER_FIELDS, type HostList, listHosts } from "./host-rows";

const useHost = (id: string) => useRecord("host", id);

const COLUMNS: readonly Column<Host>[] = [
  { id: "state", head: "State", width: "100px", cell: (row) => <HostState host={row} /> },
  { id: "name", head: "Host", width: "minmax(110px, 1fr)", cell: (row, id) => <Ref kind="host" id={id} className="mono">{row.info.hostname}</Ref> },
  { id: "pool", head: "Pool", width: "minmax(84px, 0.7fr)", cell: (row) => <Ref kind="pool" id={row.info.pool_id} /> },
  { id: "cpu", head: "CPU", width: "112px", cell: (row) => <Meter label="CPU" percent={row.info.cpu} stale={isStale(row.info.last_seen, Date.now())} /> },
  { id: "memory", head: "Memory", width: "112px", cell: (row) => <Meter label="Memory" percent={row.info.memory} stale={isStale(row.info.last_seen, Date.now())} /> },
  { id: "load", head: "Load", width: "52px", end: true, cell: (row) => row.load.toFixed(2) },
  { id: "containers", head: "Containers", width: "82px", end: true, cell: (row) => row.info.running_cnts },
  { id: "tags", head: "Tags", width: "minmax(70px, 0.8fr)", sortable: false, cell: (row) => (row.tags ?? []).map((tag) => <Chip key={tag}>{tag}</Chip>) },
  { id: "seen", head: "Heard", width: "60px", cell: (row) => <span className="muted"><Ago at={row.info.last_seen * 1000} /></span> },
  { id: "reason", head: "Message", width: "minmax(110px, 1.4fr)", sortable: false, cell: (row, id) => <Reason host={row} id={id} /> },
];

function HostState({ host }: { host: Host }) {
  const word = hostWord(host);
  return <State condition={HOST_SHAPE[word]} word={HOST_LABEL[word]} />;
}

function Reason({ host, id }: { host: Host; id: string }) {
  return (
    <span className="muted" title={host.reason}>
      <AskedMark kind="host" id={id} /> {host.reason}
    </span>
  );
}

export function HostsPage() {
  const [search, change] = usePageSearch({ q: "", state: "", sort: "name", down: false });
  const pool = usePool();
  const navigate = useNavigate();
  const loaded = useLoaded("host");
  const filter = useMemo(() => parseFilter(search.q, FILTER_FIELDS), [search.q]);
  const words = useMemo(() => search.state.split(",").filter(Boolean), [search.state]);
  const list = useDerived(
    ["host"],
    (store) => listHosts(store, { filter, words, pool, by: search.sort, down: search.down }),
    [filter, words, pool, search.sort, search.down],
  );
  return (
    <Page fixed title="Hosts" name="Hosts" note={loaded && <span className="mono">{formatCount(list.ids.length)} of {formatCount(list.total)}</span>} acts={<LinkButton to="/hosts/add">Add host</LinkButton>}>
      <section className={css.list}>
        <FilterBar value={search.q} placeholder="Filter by name, pool, tag, address" problems={filter.problems} onChange={(q) => change({ q })}>
          <StateChips list={list} words={words} onChange={(state) => change({ state })} />
        </FilterBar>
        {!loaded && <Skeleton rows={12} />}
        {loaded && list.total === 0 && (
          <Empty title="No hosts yet" acts={<LinkButton to="/hosts/add" look="main">Add host</LinkButton>}>
            A host is a machine with Docker that runs an agent.
          </Empty>
        )}
        {list.total > 0 && list.ids.length === 0 && (
          <NoMatch sentence={`None of ${formatCount(list.total)} hosts match`} onClear={() => change({ q: "", state: "" })} />
        )}
        {list.ids.length > 0 && (
          <Table
            label="Hosts"
            ids={list.ids}
            columns={COLUMNS}
            useRow={useHost}
            sort={{ by: search.sort, down: search.down }}
            onSort={({ by, down }) => change({ sort: by, down })}
            scope={[search.q, search.state, search.sort, search.down, pool].join("|")}
            onOpen={(id) => void navigate({ to: addressOf("host", id), search: keepPool as never })}
            narrow={(row, id) => <NarrowHost row={row} id={id} />}
            rowActs={(row) => <HostMenu host={row} />}
          />
        )}
      </section>
    </Page>
  );
}

function NarrowHost({ row, id }: { row: Host; id: string }) {
  return (
    <>
      <span><HostState host={row} /> <AskedMark kind="host" id={id} /></span>
      <span>
        <Ref kind="host" id={id} className="mono">{row.info.hostname}</Ref>
        <span className="muted"> {row.info.pool_id} · CPU {row.info.cpu} % · memory {row.info.memory} %</span>
      </span>
    </>
  );
}

interface StateChipsProps {
  list: HostList;
  words: readonly string[];
  onChange: (words: string) => void;
}

function StateChips({ list, words, onChange }: StateChipsProps) {
  return HOST_STATES.filter((word) => list.counts[word] > 0 || words.includes(word)).map((word) => (
    <FilterChip
      key={word}
      icon={<Glyph condition={HOST_SHAPE[word]} />}
      label={HOST_LABEL[word]}
      count={list.counts[word]}
      pressed={words.includes(word)}
      onPress={() => onChange((words.includes(word) ? words.filter((each) => each !== word) : [...words, word]).join())}
    />
  ));
}
