// The columns of the list of containers.

import type { Container } from "@/live/records";
import { Ago } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { SlotState } from "@/parts/glyph";
import { Ref } from "@/parts/ref";
import type { Column } from "@/parts/table";

export const SHOWN_COLUMNS = "state,name,image,host,pool,since,message";

export const COLUMNS: readonly Column<Container>[] = [
  { id: "state", head: "State", width: "132px", cell: (row) => <SlotState slot={row} now={Date.now()} /> },
  {
    id: "name",
    head: "Container",
    width: "minmax(160px, 1.4fr)",
    cell: (row, id) => (
      <Ref kind="container" id={id} className="mono">
        {row.container_name}
      </Ref>
    ),
  },
  { id: "image", head: "Image", width: "minmax(130px, 1.1fr)", cell: (row) => <code className="muted">{row.image}</code> },
  {
    id: "deployment",
    head: "Deployment",
    width: "minmax(110px, 1fr)",
    cell: (row) => (row.deployment_id ? <Ref kind="deployment" id={row.deployment_id}>{row.deployment_name}</Ref> : <span className="muted">By hand</span>),
  },
  { id: "service", head: "Service", width: "minmax(90px, 0.7fr)", cell: (row) => row.service_id },
  { id: "slot", head: "Slot", width: "56px", end: true, cell: (row) => (row.deployment_id ? row.service_slot : "") },
  {
    id: "host",
    head: "Host",
    width: "minmax(110px, 0.9fr)",
    cell: (row) => (
      <Ref kind="host" id={row.host_id} className="mono">
        {row.hostname}
      </Ref>
    ),
  },
  { id: "pool", head: "Pool", width: "minmax(90px, 0.7fr)", cell: (row) => <span className="muted">{row.host_group}</span> },
  { id: "ports", head: "Ports", width: "minmax(110px, 0.8fr)", sortable: false, cell: (row) => <code>{portsOf(row)}</code> },
  { id: "since", head: "Since", width: "76px", cell: (row) => <span className="muted"><Ago at={row.started_at} /></span> },
  { id: "attempt", head: "Attempt", width: "72px", end: true, cell: (row) => row.attempt || "" },
  { id: "command", head: "Command", width: "minmax(120px, 1fr)", sortable: false, cell: (row) => <code className="muted">{row.command}</code> },
  { id: "id", head: "ID", width: "120px", sortable: false, cell: (row) => <code className="muted">{row.container_id.slice(0, 12)}</code> },
  {
    id: "message",
    head: "Message",
    width: "minmax(140px, 2fr)",
    cell: (row, id) => (
      <span className="muted" title={row.message}>
        <AskedMark kind="container" id={id} /> {row.message}
      </span>
    ),
  },
];

function portsOf(row: Container): string {
  return row.ports
    .map((port) => (port.host_port ? `${port.host_port}→${port.container_port}` : String(port.container_port)))
    .join(", ");
}

/** The two lines of a row on a phone. */
export function NarrowContainer({ row, id }: { row: Container; id: string }) {
  return (
    <>
      <span>
        <SlotState slot={row} now={Date.now()} /> <AskedMark kind="container" id={id} />
      </span>
      <span>
        <Ref kind="container" id={id} className="mono">
          {row.container_name}
        </Ref>
        <span className="muted">
          {" "}
          on {row.hostname} · <Ago at={row.started_at} none="not started" />
        </span>
      </span>
    </>
  );
}
