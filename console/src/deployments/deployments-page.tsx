// Deployments: which are not as wanted?

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useDerived, useLoaded } from "@/live/hooks";
import { Ago } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { Berths } from "@/parts/berths";
import { BulkBar } from "@/parts/bulk-bar";
import { FilterChip } from "@/parts/chip";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Glyph } from "@/parts/glyph";
import { LinkButton } from "@/parts/link-button";
import { Page } from "@/parts/page";
import { addressOf, keepPool, Ref } from "@/parts/ref";
import { usePageSearch, usePool } from "@/parts/search";
import { useSelection } from "@/parts/selection";
import { Skeleton } from "@/parts/skeleton";
import { type Column, Table } from "@/parts/table";
import { DEPLOYMENT_LABEL, DEPLOYMENT_SHAPE, DEPLOYMENT_WORDS } from "@/state/deployment-word";
import { parseFilter } from "@/state/filter";
import { formatCount } from "@/state/words";
import css from "@/styles/list.module.css";
import { DeploymentBulk, DeploymentMenu } from "./deployment-menu";
import { type DeploymentList, type DeploymentRow, FILTER_FIELDS, listDeployments } from "./deployment-rows";
import { DeploymentState } from "./deployment-state";
import { useDeploymentRow } from "./use-deployment";

const COLUMNS: readonly Column<DeploymentRow>[] = [
  { id: "state", head: "State", width: "136px", cell: (row) => <DeploymentState {...row} /> },
  {
    id: "name",
    head: "Deployment",
    width: "minmax(110px, 1fr)",
    cell: (row, id) => (
      <Ref kind="deployment" id={id} className="mono">
        {row.deployment.deployment_name}
      </Ref>
    ),
  },
  { id: "pool", head: "Pool", width: "minmax(80px, 0.6fr)", cell: (row) => <span className="muted">{row.deployment.placement.pool_id}</span> },
  { id: "slots", head: "Running", width: "88px", end: true, cell: (row) => `${row.filled} of ${row.total}` },
  { id: "strip", head: "Slots", width: "minmax(230px, 2.4fr)", sortable: false, cell: (row) => <Berths conditions={row.conditions} cells={34} /> },
  { id: "generation", head: "Gen.", width: "52px", end: true, cell: (row) => row.deployment.generation },
  { id: "changed", head: "Changed", width: "80px", cell: (row) => <span className="muted"><Ago at={row.deployment.desired_state_changed_at} /></span> },
  {
    id: "message",
    head: "Message",
    width: "minmax(110px, 1.6fr)",
    sortable: false,
    cell: (row, id) => (
      <span className="muted" title={row.message}>
        <AskedMark kind="deployment" id={id} /> {row.message}
      </span>
    ),
  },
];

export function DeploymentsPage() {
  const [search, change] = usePageSearch({ q: "", state: "", sort: "state", down: false });
  const pool = usePool();
  const navigate = useNavigate();
  const loaded = useLoaded("deployment", "container");
  const filter = useMemo(() => parseFilter(search.q, FILTER_FIELDS), [search.q]);
  const words = useMemo(() => search.state.split(",").filter(Boolean), [search.state]);
  const list = useDerived(
    ["deployment", "container", "slot"],
    (store) => listDeployments(store, { filter, words, pool, by: search.sort, down: search.down }, Date.now()),
    [filter, words, pool, search.sort, search.down],
  );
  const selection = useSelection(list.ids);
  return (
    <Page
      fixed
      title="Deployments"
      name="Deployments"
      note={loaded && <span className="mono">{formatCount(list.ids.length)} of {formatCount(list.total)}</span>}
      acts={
        <LinkButton to="/deploy" look="main">
          Deploy
        </LinkButton>
      }
    >
      <section className={css.list}>
        <FilterBar value={search.q} placeholder="Filter by name, pool, message" problems={filter.problems} onChange={(q) => change({ q })}>
          <WordChips list={list} words={words} onChange={(state) => change({ state })} />
        </FilterBar>
        <BulkBar selection={selection} noun="deployment" matching={list.ids}>
          <DeploymentBulk selection={selection} />
        </BulkBar>
        {!loaded && <Skeleton rows={12} />}
        {loaded && list.total === 0 && <NoDeployments />}
        {loaded && list.total > 0 && list.ids.length === 0 && (
          <NoMatch sentence={`None of ${formatCount(list.total)} deployments match`} onClear={() => change({ q: "", state: "" })} />
        )}
        {list.ids.length > 0 && (
          <Table
            label="Deployments"
            ids={list.ids}
            columns={COLUMNS}
            useRow={useDeploymentRow}
            sort={{ by: search.sort, down: search.down }}
            onSort={({ by, down }) => change({ sort: by, down })}
            scope={[search.q, search.state, search.sort, search.down, pool].join("|")}
            onOpen={(id) => void navigate({ to: addressOf("deployment", id), search: keepPool as never })}
            selection={selection}
            narrow={(row, id) => <NarrowDeployment row={row} id={id} />}
            rowActs={(row) => <DeploymentMenu deployment={row.deployment} />}
          />
        )}
      </section>
    </Page>
  );
}

function NarrowDeployment({ row, id }: { row: DeploymentRow; id: string }) {
  return (
    <>
      <span>
        <DeploymentState {...row} /> <AskedMark kind="deployment" id={id} />
      </span>
      <span>
        <Ref kind="deployment" id={id} className="mono">
          {row.deployment.deployment_name}
        </Ref>
        <span className="muted">
          {" "}
          {row.deployment.placement.pool_id} · {row.filled} of {row.total}
        </span>
      </span>
    </>
  );
}

interface WordChipsProps {
  list: DeploymentList;
  words: readonly string[];
  onChange: (words: string) => void;
}

function WordChips({ list, words, onChange }: WordChipsProps) {
  return DEPLOYMENT_WORDS.filter((word) => list.counts[word] > 0 || words.includes(word)).map((word) => (
    <FilterChip
      key={word}
      icon={<Glyph condition={DEPLOYMENT_SHAPE[word]} />}
      label={DEPLOYMENT_LABEL[word]}
      count={list.counts[word]}
      pressed={words.includes(word)}
      onPress={() => onChange((words.includes(word) ? words.filter((each) => each !== word) : [...words, word]).join())}
    />
  ));
}

function NoDeployments() {
  return (
    <Empty title="Nothing is deployed" acts={<LinkButton to="/deploy">Deploy</LinkButton>}>
      A deployment runs a service or a stack on the hosts of a pool, and keeps it running.
    </Empty>
  );
}
