// A host: is it well, what does it carry?

import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useDerived, useLoaded, useRecord } from "@/live/hooks";
import type { Container, Host } from "@/live/records";
import { Ago } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { Berths } from "@/parts/berths";
import { Chip } from "@/parts/chip";
import { Empty } from "@/parts/empty";
import { Glyph, State } from "@/parts/glyph";
import { type Fact, KeyValue } from "@/parts/key-value";
import { Page, Panel } from "@/parts/page";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { Tabs } from "@/parts/tabs";
import { conditionOf, WORD_OF } from "@/state/condition";
import { HOST_LABEL, HOST_SHAPE, hostWord } from "@/state/host-word";
import { compareConditions, compareNames } from "@/state/order";
import { formatBytes } from "@/state/words";
import { HostMenu } from "./host-menu";
import css from "./host-page.module.css";

const UsageCharts = lazy(() => import("@/parts/chart/usage-charts").then((it) => ({ default: it.UsageCharts })));

const TABS: readonly { id: string; label: string }[] = [
  { id: "overview", label: "Overview" },
  { id: "containers", label: "Containers" },
  { id: "graphs", label: "Graphs" },
  { id: "interfaces", label: "Interfaces" },
];

export function HostPage() {
  const { id = "", tab = "overview" } = useParams({ strict: false }) as { id?: string; tab?: string };
  const loaded = useLoaded("host");
  const host = useRecord("host", id);
  const containers = useDerived(["container"], (store) => [...store.containersOf("host", id)].flatMap((each) => store.get("container", each) ?? []), [id]);
  if (!host) return loaded ? <Empty title="There is no such host">It was removed, or never joined.</Empty> : <Skeleton />;
  const word = hostWord(host);
  const sorted = containers.sort((a, b) => compareConditions(conditionOf(a), conditionOf(b)) || compareNames(a.container_name, b.container_name));
  return (
    <Page
      name={host.info.hostname}
      title={<span className={css.title}><Glyph condition={HOST_SHAPE[word]} size={16} /> <span className="mono">{host.info.hostname}</span></span>}
      note={<>{HOST_LABEL[word]}, pool <Ref kind="pool" id={host.info.pool_id} />, heard <Ago at={host.info.last_seen * 1000} /> ago <AskedMark kind="host" id={id} /></>}
      acts={<HostMenu host={host} />}
    >
      {host.reason && <div className={css.reason}>It takes no containers: {host.reason}</div>}
      <Berths conditions={sorted.map(conditionOf)} size={12} />
      <Tabs label={`Parts of ${host.info.hostname}`} current={tab} tabs={TABS.map((each) => ({ label: each.label, to: `/hosts/${encodeURIComponent(id)}/${each.id}` }))} />
      <Suspense fallback={<Skeleton />}>
        <Content tab={tab} host={host} containers={sorted} />
      </Suspense>
    </Page>
  );
}

interface ContentProps {
  tab: string;
  host: Host;
  containers: readonly Container[];
}

function Content({ tab, host, containers }: ContentProps) {
  const path = `/api/v2/hosts/${encodeURIComponent(host.host_id)}`;
  if (tab === "graphs") return <UsageCharts path={path} height={180} />;
  if (tab === "containers") return <Containers containers={containers} />;
  if (tab === "interfaces") {
    return (
      <Panel>
        <KeyValue facts={Object.entries(host.interfaces).map(([name, address]) => ({ name, value: <code>{address}</code> }))} />
      </Panel>
    );
  }
  return (
    <>
      <UsageCharts path={path} few />
      <Panel title="About">
        <KeyValue facts={factsOf(host)} />
      </Panel>
    </>
  );
}

function Containers({ containers }: { containers: readonly Container[] }) {
  if (containers.length === 0) return <Panel><Empty title="No containers on this host" /></Panel>;
  return (
    <Panel>
      <ul>
        {containers.map((each) => (
          <li key={each.id} className={css.row}>
            <State condition={conditionOf(each)} word={WORD_OF[conditionOf(each)]} />
            <Ref kind="container" id={each.id} className="mono">{each.container_name}</Ref>
            <span className="muted">{each.deployment_id ? <Ref kind="deployment" id={each.deployment_id}>{each.deployment_name}</Ref> : "by hand"}</span>
            <span className="muted"><Ago at={each.started_at} /></span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function factsOf(host: Host): Fact[] {
  const { info } = host;
  const facts: [string, string | number][] = [
    ["Docker", `${info.docker_version} (API ${info.docker_api_version})`], ["Agent", info.host_version], ["Operating system", host.os],
    ["Kernel", host.kernel], ["CPUs", info.num_cpus], ["Memory", formatBytes(info.memory_mb * 1024 * 1024)], ["Load", host.load.toFixed(2)],
    ["Up for", info.uptime], ["Address", host.address], ["Images", info.num_images],
  ];
  return [
    ...facts.filter(([, value]) => value !== "").map(([name, value]) => ({ name, value })),
    ...host.disks.map((disk) => ({ name: `Disk ${disk.path}`, value: `${formatBytes(disk.free_bytes)} free of ${formatBytes(disk.total_bytes)}` })),
    { name: "Tags", value: (host.tags ?? []).length ? (host.tags ?? []).map((tag) => <Chip key={tag}>{tag}</Chip>) : "none" },
    { name: "Joined", value: <><Ago at={host.joined_at} /> ago</> },
  ];
}
