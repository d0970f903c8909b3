// An image: the hosts that have it, the containers of it, and its layers.

import { useQuery } from "@tanstack/react-query";
import { call, client } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useDerived } from "@/live/hooks";
import { Ago } from "@/parts/ago";
import { CopyText } from "@/parts/copy-text";
import { Sheet } from "@/parts/dialog";
import { Bytes } from "@/parts/meter";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { formatCount } from "@/state/words";
import type { ImageRow } from "./image-rows";
import css from "./images.module.css";
import { readLayers } from "./layers";

/** At most this many rows of each part are drawn. */
const DRAWN = 100;

export function ImageSheet({ row, onClose }: { row: ImageRow; onClose: () => void }) {
  return (
    <Sheet open wide onClose={onClose} title={<span className="mono">{row.id}</span>}>
      <div className={css.sheet}>
        <Hosts row={row} />
        <Containers row={row} />
        <Layers row={row} />
      </div>
    </Sheet>
  );
}

function Hosts({ row }: { row: ImageRow }) {
  return (
    <section>
      <h3>Hosts</h3>
      <ul>
        {row.copies.slice(0, DRAWN).map((copy) => (
          <li key={copy.hostId} className={css.row}>
            <Ref kind="host" id={copy.hostId} className="mono">{copy.hostname}</Ref>
            <span><code title={copy.imageId}>{copy.imageId.replace(/^sha256:/, "").slice(0, 12)}</code> <CopyText text={copy.imageId} label="Copy the image id" /></span>
            <Bytes value={copy.size} />
            <span className="muted"><Ago at={copy.created} /></span>
          </li>
        ))}
      </ul>
      <More count={row.copies.length} />
    </section>
  );
}

function Containers({ row }: { row: ImageRow }) {
  const containers = useDerived(
    ["container"],
    (store) => {
      const copies = new Set(row.copies.map((copy) => `${copy.hostId}/${copy.imageId}`));
      return [...store.all("container").values()].filter((each) => copies.has(`${each.host_id}/${each.image_id}`));
    },
    [row],
    1,
  );
  return (
    <section>
      <h3>Containers</h3>
      {containers.length === 0 && <p className="muted">None uses it.</p>}
      <ul>
        {containers.slice(0, DRAWN).map((each) => (
          <li key={each.id} className={css.row}>
            <Ref kind="container" id={each.id} className="mono">{each.container_name}</Ref>
            <span className="muted">{each.hostname}</span>
            <span className="muted">{each.state}</span>
          </li>
        ))}
      </ul>
      <More count={containers.length} />
    </section>
  );
}

function Layers({ row: { id, copies } }: { row: ImageRow }) {
  const hostId = copies[0]?.hostId ?? "";
  const { data, error, refetch } = useQuery({
    queryKey: ["image-history", hostId, id],
    enabled: hostId !== "",
    queryFn: async () => readLayers((await call(client.GET("/api/images/{image_id}/hosts/{host_id}", { params: { path: { image_id: id, host_id: hostId } } }))).history),
  });
  return (
    <section>
      <h3>History</h3>
      {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={4} />}
      <ol>
        {data?.map((layer, index) => (
          <li key={index} className={css.layer}>
            <code>{layer.command}</code>
            <Bytes value={layer.size} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function More({ count }: { count: number }) {
  return count > DRAWN ? <p className="muted">and {formatCount(count - DRAWN)} more</p> : null;
}
