// Registries: do the logins work?

import { Plus } from "lucide-react";
import { useState } from "react";
import { useDerived, useLoaded, useOnline, useRecord } from "@/live/hooks";
import type { Registry } from "@/live/records";
import { store } from "@/live/store";
import { Ago } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { Button } from "@/parts/button";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Page } from "@/parts/page";
import { usePageSearch } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { type Column, Table } from "@/parts/table";
import { compareNames } from "@/state/order";
import { formatCount, plural } from "@/state/words";
import css from "@/styles/list.module.css";
import { CheckResult } from "./check-result";
import { useLastCheck } from "./checks";
import { RegistryDialog } from "./registry-dialog";
import { RegistryMenu } from "./registry-menu";
import { countImages } from "./usage";

interface Row {
  registry: Registry;
  images: number;
}

const useImages = () =>
  useDerived(
    ["container", "registry"],
    (live) => countImages(Array.from(live.all("container").values(), (each) => each.image), Array.from(live.all("registry").values(), (each) => each.url)),
    [],
    1,
  );

function useRow(id: string): Row | undefined {
  const registry = useRecord("registry", id);
  const images = useImages();
  return registry && { registry, images: images.get(registry.url) ?? 0 };
}

const COLUMNS: readonly Column<Row>[] = [
  { id: "url", head: "Registry", width: "minmax(180px, 1.4fr)", cell: ({ registry }, id) => <span className="mono">{registry.url} <AskedMark kind="registry" id={id} /></span> },
  { id: "username", head: "User", width: "minmax(90px, 0.8fr)", cell: ({ registry }) => registry.username || <span className="muted">none</span> },
  { id: "description", head: "Description", width: "minmax(120px, 1.4fr)", sortable: false, cell: ({ registry }) => <span className="muted">{registry.description}</span> },
  { id: "images", head: "Images that run", width: "120px", end: true, sortable: false, cell: ({ images }) => formatCount(images) },
  { id: "check", head: "Last check", width: "minmax(200px, 1.6fr)", sortable: false, cell: (_, id) => <Checked id={id} /> },
];

function Checked({ id }: { id: string }) {
  const last = useLastCheck(id);
  if (!last) return <span className="muted">Not checked here yet</span>;
  if (!last.check) return <span className="muted">Logging in…</span>;
  return <><CheckResult check={last.check} /> <span className="muted"><Ago at={last.at} /></span></>;
}

export function RegistriesPage() {
  const [search, change] = usePageSearch({ q: "", sort: "url", down: false });
  const online = useOnline();
  const loaded = useLoaded("registry");
  const [dialog, setDialog] = useState<{ registry?: Registry }>();
  const all = useDerived(["registry"], (live) => [...live.all("registry").values()], []);
  const ids = useDerived(["registry"], () => listRegistries(all, search), [all, search.q, search.sort, search.down]);
  const add = <Button look="main" reason={online ? undefined : "Offline"} onClick={() => setDialog({})}><Plus size={16} aria-hidden="true" /> Add registry</Button>;
  return (
    <Page fixed title="Registries" name="Registries" note={loaded && <span className="mono">{formatCount(ids.length)} of {formatCount(all.length)}</span>} acts={add}>
      <section className={css.list}>
        <FilterBar value={search.q} placeholder="Filter by address, user, description" onChange={(q) => change({ q })} />
        {!loaded && <Skeleton rows={4} />}
        {loaded && all.length === 0 && <Empty title="No registries" acts={add}>Public images need none.</Empty>}
        {all.length > 0 && ids.length === 0 && <NoMatch sentence={`None of ${plural(all.length, "registry", "registries")} match`} onClear={() => change({ q: "" })} />}
        {ids.length > 0 && (
          <Table
            label="Registries"
            ids={ids}
            columns={COLUMNS}
            useRow={useRow}
            sort={{ by: search.sort, down: search.down }}
            onSort={({ by, down }) => change({ sort: by, down })}
            scope={[search.q, search.sort, search.down].join("|")}
            onOpen={(id) => online && setDialog({ registry: store.get("registry", id) })}
            narrow={(row, id) => <NarrowRow row={row} id={id} />}
            rowActs={(row) => <RegistryMenu {...row} />}
          />
        )}
      </section>
      {dialog && <RegistryDialog registry={dialog.registry} onClose={() => setDialog(undefined)} />}
    </Page>
  );
}

function NarrowRow({ row: { registry }, id }: { row: Row; id: string }) {
  return (
    <>
      <span className="mono">{registry.url} <AskedMark kind="registry" id={id} /></span>
      <span className="muted">{registry.username || "no login"} · <Checked id={id} /></span>
    </>
  );
}

interface Order {
  q: string;
  sort: string;
  down: boolean;
}

function listRegistries(all: readonly Registry[], { q, sort, down }: Order): string[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter(({ url, username, description }) => {
    const text = `${url} ${username} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const key = (each: Registry) => (sort === "username" ? each.username : each.url);
  return shown.sort((a, b) => (down ? -1 : 1) * compareNames(key(a), key(b))).map((each) => each.registry_id);
}
