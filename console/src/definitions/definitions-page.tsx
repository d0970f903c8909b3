// Definitions: what is there to deploy, and where does each run?

import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { useDerived, useLoaded, useRecord } from "@/live/hooks";
import { AskedMark } from "@/parts/asked-mark";
import { Button } from "@/parts/button";
import { Chip, FilterChip } from "@/parts/chip";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Page } from "@/parts/page";
import { addressOf, keepPool, Ref } from "@/parts/ref";
import { usePageSearch } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { type Column, Table } from "@/parts/table";
import { Tabs } from "@/parts/tabs";
import { parseFilter } from "@/state/filter";
import { formatCount, plural } from "@/state/words";
import list from "@/styles/list.module.css";
import { DefinitionMenu } from "./definition-menu";
import { type DefinitionRow, deploymentsOf, FILTER_FIELDS, GROUP_LABEL, GROUPS, imagesOf, listDefinitions } from "./definition-rows";
import { type DefinitionKind, editorOf, isShipped } from "./kinds";

const TABS = [
  { label: "Services", to: "/definitions/services" },
  { label: "Stacks", to: "/definitions/stacks" },
];

const WORDS = { service: { title: "Services", tab: "services" }, stack: { title: "Stacks", tab: "stacks" } };

export function DefinitionsPage() {
  const { tab = "services" } = useParams({ strict: false }) as { tab?: string };
  return <DefinitionList key={tab} kind={tab === "stacks" ? "stack" : "service"} />;
}

function DefinitionList({ kind }: { kind: DefinitionKind }) {
  const [search, change] = usePageSearch({ q: "", group: "", sort: "name", down: false });
  const navigate = useNavigate();
  const loaded = useLoaded(kind, "deployment");
  const filter = useMemo(() => parseFilter(search.q, FILTER_FIELDS), [search.q]);
  const found = useDerived(
    [kind, "deployment"],
    (store) => listDefinitions(store, kind, { filter, group: search.group, by: search.sort, down: search.down }),
    [kind, filter, search.group, search.sort, search.down],
  );
  const words = WORDS[kind];
  const create = () => void navigate({ to: editorOf(kind, ""), search: keepPool as never });
  return (
    <Page
      fixed
      title="Definitions"
      name={words.title}
      note={loaded && <span className="mono">{formatCount(found.ids.length)} of {formatCount(found.total)}</span>}
      acts={<Button look="main" onClick={create}>New {kind}</Button>}
    >
      <Tabs label="Kinds of definitions" current={words.tab} tabs={TABS} />
      <section className={list.list}>
        <FilterBar value={search.q} placeholder="Filter by name, image, text" problems={filter.problems} onChange={(q) => change({ q })}>
          {GROUPS.filter((group) => found.counts[group] > 0 || search.group === group).map((group) => (
            <FilterChip
              key={group}
              label={GROUP_LABEL[group]}
              count={found.counts[group]}
              pressed={search.group === group}
              onPress={() => change({ group: search.group === group ? "" : group })}
            />
          ))}
        </FilterBar>
        {!loaded && <Skeleton rows={12} />}
        {loaded && found.ids.length === 0 && (
          <Nothing kind={kind} total={found.total} onCreate={create} onClear={() => change({ q: "", group: "" })} />
        )}
        {found.ids.length > 0 && (
          <Table
            label={words.title}
            ids={found.ids}
            columns={COLUMNS[kind]}
            useRow={kind === "stack" ? useStack : useService}
            sort={{ by: search.sort, down: search.down }}
            onSort={({ by, down }) => change({ sort: by, down })}
            scope={[search.q, search.group, search.sort, search.down].join("|")}
            onOpen={(id) => void navigate({ to: addressOf(kind, id), search: keepPool as never })}
            narrow={(row, id) => <NarrowDefinition kind={kind} row={row} id={id} />}
            rowActs={(row) => <DefinitionMenu kind={kind} definition={row.definition} listed />}
          />
        )}
      </section>
    </Page>
  );
}

interface NothingProps {
  kind: DefinitionKind;
  total: number;
  onCreate: () => void;
  onClear: () => void;
}

function Nothing({ kind, total, onCreate, onClear }: NothingProps) {
  if (total > 0) return <NoMatch sentence={`None of ${plural(total, kind)} match`} onClear={onClear} />;
  return (
    <Empty title={`No ${kind}s yet`} acts={<Button onClick={onCreate}>New {kind}</Button>}>
      {kind === "stack" ? "A stack is several services that belong together." : "A service is an image with what it needs to run."}
    </Empty>
  );
}

function useDefinitionRow(kind: DefinitionKind, id: string): DefinitionRow | undefined {
  const definition = useRecord(kind, id);
  const deployments = useDerived(["deployment"], (store) => deploymentsOf(store, kind, id), [kind, id]);
  return useMemo(
    () => definition && { definition, deployments, images: imagesOf(definition.content), shipped: isShipped(kind, id) },
    [definition, deployments, kind, id],
  );
}

const useService = (id: string) => useDefinitionRow("service", id);
const useStack = (id: string) => useDefinitionRow("stack", id);

const columnsOf = (kind: DefinitionKind): readonly Column<DefinitionRow>[] => [
  {
    id: "name",
    head: kind === "stack" ? "Stack" : "Service",
    width: "minmax(130px, 1fr)",
    cell: (row, id) => (
      <>
        <Ref kind={kind} id={id} className="mono">{row.definition.service_name}</Ref> <AskedMark kind={kind} id={id} />
      </>
    ),
  },
  { id: "origin", head: "Origin", width: "96px", cell: (row) => (row.shipped ? <Chip>Shipped</Chip> : <span className="muted">Your own</span>) },
  { id: "images", head: "Images", width: "minmax(150px, 1.6fr)", cell: (row) => <code title={row.images.join("\n")}>{row.images.join(", ")}</code> },
  { id: "deployed", head: "Deployed as", width: "minmax(130px, 1.4fr)", cell: (row) => <Deployed row={row} /> },
];

const COLUMNS = { service: columnsOf("service"), stack: columnsOf("stack") };

function Deployed({ row: { deployments } }: { row: DefinitionRow }) {
  return deployments.map((each, index) => (
    <span key={each.deployment_id}>
      {index > 0 && ", "}
      <Ref kind="deployment" id={each.deployment_id} className="mono">{each.deployment_name}</Ref>
    </span>
  ));
}

function NarrowDefinition({ kind, row, id }: { kind: DefinitionKind; row: DefinitionRow; id: string }) {
  return (
    <>
      <span>
        <Ref kind={kind} id={id} className="mono">{row.definition.service_name}</Ref> {row.shipped && <Chip>Shipped</Chip>}{" "}
        <AskedMark kind={kind} id={id} />
      </span>
      <span className="muted">
        {row.deployments.length ? `${plural(row.deployments.length, "deployment")} · ` : ""}
        {row.images.join(", ")}
      </span>
    </>
  );
}
