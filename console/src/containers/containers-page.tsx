// Containers: find one among thousands, act on many.

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useDerived, useLoaded, useRecord } from "@/live/hooks";
import { BulkBar } from "@/parts/bulk-bar";
import { FilterChip } from "@/parts/chip";
import { ColumnPicker } from "@/parts/column-picker";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Glyph } from "@/parts/glyph";
import { useNarrow } from "@/parts/layout";
import { Page } from "@/parts/page";
import { usePreference } from "@/parts/preference";
import { addressOf, keepPool } from "@/parts/ref";
import { usePageSearch, usePool } from "@/parts/search";
import { useSelection } from "@/parts/selection";
import { Skeleton } from "@/parts/skeleton";
import { Table } from "@/parts/table";
import { CONDITIONS, WORD_OF } from "@/state/condition";
import { parseFilter } from "@/state/filter";
import { formatCount } from "@/state/words";
import css from "@/styles/list.module.css";
import { COLUMNS, NarrowContainer, SHOWN_COLUMNS } from "./container-columns";
import { ContainerBulk, ContainerMenu } from "./container-menu";
import { type ContainerList, FILTER_FIELDS, listContainers } from "./container-rows";

const useContainer = (id: string) => useRecord("container", id);

export function ContainersPage() {
  const [search, change] = usePageSearch({ q: "", state: "", sort: "name", down: false });
  const [cols, setCols] = usePreference("columns.containers", SHOWN_COLUMNS);
  const pool = usePool();
  const navigate = useNavigate();
  const narrow = useNarrow();
  const loaded = useLoaded("container");
  const filter = useMemo(() => parseFilter(search.q, FILTER_FIELDS), [search.q]);
  const states = useMemo(() => search.state.split(",").filter(Boolean), [search.state]);
  const list = useDerived(
    ["container"],
    (store) => listContainers(store, { filter, states, pool, by: search.sort, down: search.down }, Date.now()),
    [filter, states, pool, search.sort, search.down],
  );
  const selection = useSelection(list.ids);
  const columns = useMemo(() => COLUMNS.filter((column) => cols.split(",").includes(column.id)), [cols]);
  const picker = <ColumnPicker columns={COLUMNS} shown={cols.split(",")} onChange={(next) => setCols(next.join())} />;
  return (
    <Page
      fixed
      title="Containers"
      name="Containers"
      note={loaded && <span className="mono">{formatCount(list.ids.length)} of {formatCount(list.total)}</span>}
      acts={!narrow && picker}
    >
      <section className={css.list}>
        <FilterBar value={search.q} placeholder="Filter by name, image, host, message" problems={filter.problems} onChange={(q) => change({ q })}>
          <StateChips list={list} states={states} onChange={(state) => change({ state })} />
        </FilterBar>
        <BulkBar selection={selection} noun="container" matching={list.ids}>
          <ContainerBulk selection={selection} />
        </BulkBar>
        {!loaded && <Skeleton rows={12} />}
        {loaded && list.total === 0 && <NoContainers />}
        {loaded && list.total > 0 && list.ids.length === 0 && (
          <NoMatch sentence={noMatch(list.total, search.q, pool)} onClear={() => change({ q: "", state: "" })} />
        )}
        {list.ids.length > 0 && (
          <Table
            label="Containers"
            ids={list.ids}
            columns={columns}
            useRow={useContainer}
            sort={{ by: search.sort, down: search.down }}
            onSort={({ by, down }) => change({ sort: by, down })}
            scope={[search.q, search.state, search.sort, search.down, pool].join("|")}
            onOpen={(id) => void navigate({ to: addressOf("container", id), search: keepPool as never })}
            selection={selection}
            narrow={(row, id) => <NarrowContainer row={row} id={id} />}
            rowActs={(row, id) => <ContainerMenu id={id} row={row} />}
          />
        )}
      </section>
    </Page>
  );
}

interface StateChipsProps {
  list: ContainerList;
  states: readonly string[];
  onChange: (states: string) => void;
}

function StateChips({ list, states, onChange }: StateChipsProps) {
  return CONDITIONS.filter((condition) => list.counts[condition] > 0 || states.includes(condition)).map((condition) => (
    <FilterChip
      key={condition}
      icon={<Glyph condition={condition} />}
      label={WORD_OF[condition]}
      count={list.counts[condition]}
      pressed={states.includes(condition)}
      onPress={() =>
        onChange((states.includes(condition) ? states.filter((each) => each !== condition) : [...states, condition]).join())
      }
    />
  ));
}

function NoContainers() {
  return <Empty title="No containers yet">Containers of all hosts appear here, also those that were started by hand.</Empty>;
}

function noMatch(total: number, query: string, pool: string): string {
  const what = query ? ` match “${query}”` : " match";
  return `None of ${formatCount(total)} containers${what}${pool ? ` in ${pool}` : ""}`;
}
