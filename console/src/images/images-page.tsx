// Images: what fills my disks?

import { Download } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useDerived, useOnline } from "@/live/hooks";
import { Ago } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { Button } from "@/parts/button";
import { FilterChip } from "@/parts/chip";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Bytes } from "@/parts/meter";
import { Page } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { usePageSearch, usePool } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { type Column, Table } from "@/parts/table";
import { formatBytes, formatCount, plural } from "@/state/words";
import css from "@/styles/list.module.css";
import { ImageMenu } from "./image-menu";
import { type ImageList, type ImageMap, type ImageRow, listImages, spaceOf, usesOf } from "./image-rows";
import { ImageSheet } from "./image-sheet";
import { PullDialog } from "./pull-dialog";
import { useImages, useUsage } from "./queries";

const NONE: ImageMap = new Map();

const useRow = (id: string): ImageRow | undefined => useImages().data?.get(id);

const COLUMNS: readonly Column<ImageRow>[] = [
  { id: "name", head: "Image", width: "minmax(220px, 3fr)", cell: (row, id) => <ImageName row={row} id={id} /> },
  { id: "hosts", head: "Hosts", width: "minmax(120px, 1fr)", cell: (row) => <Hosts row={row} /> },
  { id: "size", head: "Size", width: "90px", end: true, cell: (row) => <Bytes value={row.size} /> },
  { id: "used", head: "Containers", width: "96px", end: true, cell: (row) => <Uses row={row} /> },
  { id: "created", head: "Made", width: "80px", cell: (row) => <span className="muted"><Ago at={row.created} /></span> },
];

function ImageName({ row, id }: { row: ImageRow; id: string }) {
  return (
    <span className="mono" title={id}>
      {row.named ? id : id.replace(/^sha256:/, "").slice(0, 12)} {!row.named && <span className="muted">no name</span>} <AskedMark kind="image" id={id} />
    </span>
  );
}

function Hosts({ row }: { row: ImageRow }) {
  const [only] = row.copies;
  return <span className="muted">{row.copies.length === 1 && only ? only.hostname : plural(row.copies.length, "host")}</span>;
}

function Uses({ row }: { row: ImageRow }) {
  const uses = usesOf(row, useUsage());
  return uses === 0 ? <span className="muted">none</span> : <>{formatCount(uses)}</>;
}

export function ImagesPage() {
  const [search, change] = usePageSearch(SEARCH);
  const { data, error, refetch } = useImages();
  const images = data ?? NONE;
  const list = listImages(images, useUsage(), { ...search, hosts: useScope() });
  const space = list.ids.reduce((sum, id) => sum + spaceOf(images.get(id) ?? EMPTY), 0);
  const opened = images.get(search.image);
  const pull = <PullButton />;
  return (
    <Page fixed title="Images" name="Images" note={data && <span className="mono">{formatCount(list.ids.length)} of {formatCount(list.total)}, {formatBytes(space)} on hosts</span>} acts={pull}>
      <section className={css.list}>
        <FilterBar value={search.q} placeholder="Filter by name, host" onChange={(q) => change({ q })}>
          <FilterChip label="Unused" count={list.unused} pressed={search.unused} onPress={() => change({ unused: !search.unused })} />
        </FilterBar>
        {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
        {!data && !error && <Skeleton rows={12} />}
        {data && list.total === 0 && <Empty title="No images yet" acts={pull}>Hosts tell their images when they join.</Empty>}
        {list.total > 0 && <Rows list={list} search={search} change={change} />}
      </section>
      {opened && <ImageSheet row={opened} onClose={() => change({ image: "" })} />}
    </Page>
  );
}

function PullButton() {
  const online = useOnline();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="main" reason={online ? undefined : "Offline"} onClick={() => setOpen(true)}><Download size={16} aria-hidden="true" /> Pull an image</Button>
      {open && <PullDialog onClose={() => setOpen(false)} />}
    </>
  );
}

const SEARCH = { q: "", unused: false, sort: "name", down: false, image: "" };
type Search = typeof SEARCH;

/** Return the hosts of the pool that all pages are narrowed to; undefined for all. */
function useScope(): ReadonlySet<string> | undefined {
  const pool = usePool();
  return useDerived(
    ["host"],
    (store) => (pool ? new Set([...store.all("host").values()].filter((each) => each.info.pool_id === pool).map((each) => each.host_id)) : undefined),
    [pool],
    1,
  );
}

interface RowsProps {
  list: ImageList;
  search: Search;
  change: (changes: Partial<Search>) => void;
}

function Rows({ list, search, change }: RowsProps) {
  const pool = usePool();
  if (list.ids.length === 0) return <NoMatch sentence={`None of ${plural(list.total, "image")} match`} onClear={() => change({ q: "", unused: false })} />;
  return (
    <Table
      label="Images"
      ids={list.ids}
      columns={COLUMNS}
      useRow={useRow}
      sort={{ by: search.sort, down: search.down }}
      onSort={({ by, down }) => change({ sort: by, down })}
      scope={[search.q, search.unused, search.sort, search.down, pool].join("|")}
      onOpen={(image) => change({ image })}
      narrow={(row, id) => <NarrowImage row={row} id={id} />}
      rowActs={(row) => <ImageMenu row={row} />}
    />
  );
}

const EMPTY: ImageRow = { id: "", named: false, copies: [], size: 0, created: 0 };

function NarrowImage({ row, id }: { row: ImageRow; id: string }) {
  return (
    <>
      <ImageName row={row} id={id} />
      <span className="muted"><Hosts row={row} /> · <Bytes value={row.size} /> · <Uses row={row} /> in use</span>
    </>
  );
}
