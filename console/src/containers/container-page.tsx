// A container: what is it doing, and what did it do before it died?

import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useLoaded, useOnline } from "@/live/hooks";
import type { Container } from "@/live/records";
import { Ago, useNow } from "@/parts/ago";
import { AskedMark } from "@/parts/asked-mark";
import { Button } from "@/parts/button";
import { Empty } from "@/parts/empty";
import { SlotState } from "@/parts/glyph";
import { Page } from "@/parts/page";
import { keepPool, Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { Tabs } from "@/parts/tabs";
import { tell } from "@/parts/toast";
import { type Action, ACTION_LABEL, actOn, LOSSY, reasonAgainst } from "./container-acts";
import { AskContainers, ContainerMenu } from "./container-menu";
import css from "./container-page.module.css";
import type { FactsTab } from "./facts";
import { FactsTabView } from "./facts-tab";
import { type PageContainer, usePageContainer } from "./use-container";

const OverviewTab = lazy(() => import("./overview-tab").then((it) => ({ default: it.OverviewTab })));
const LogView = lazy(() => import("@/parts/logs/log-view").then((it) => ({ default: it.LogView })));
const UsageCharts = lazy(() => import("@/parts/chart/usage-charts").then((it) => ({ default: it.UsageCharts })));
const AttemptsTab = lazy(() => import("./attempts-tab").then((it) => ({ default: it.AttemptsTab })));
const TerminalTab = lazy(() => import("./terminal-tab").then((it) => ({ default: it.TerminalTab })));

const TABS: readonly { id: string; label: string }[] = [
  { id: "overview", label: "Overview" },
  { id: "logs", label: "Logs" },
  { id: "terminal", label: "Terminal" },
  { id: "graphs", label: "Graphs" },
  { id: "network", label: "Network" },
  { id: "paths", label: "Paths" },
  { id: "environment", label: "Environment" },
  { id: "volumes", label: "Volumes" },
  { id: "dns", label: "DNS" },
  { id: "host-config", label: "Host config" },
  { id: "attempts", label: "Attempts" },
  { id: "details", label: "Details" },
];

/** Tabs that fill the window and scroll inside. */
const FIXED = new Set(["logs", "terminal"]);

export function ContainerPage() {
  const { id = "", tab = "overview" } = useParams({ strict: false }) as { id?: string; tab?: string };
  const loaded = useLoaded("container");
  const found = usePageContainer(id);
  const { container } = found;
  useSuccessor(found, tab);
  if (!container) return loaded ? <Gone /> : <Skeleton />;
  const at = encodeURIComponent(id);
  return (
    <Page
      fixed={FIXED.has(tab)}
      name={container.container_name}
      title={<Title container={container} />}
      note={<Note id={id} container={container} />}
      acts={!found.gone && <Acts id={id} container={container} />}
    >
      {found.gone && <div className={css.banner}>This container was removed. You see what was known last.</div>}
      <Tabs label={`Parts of ${container.container_name}`} current={tab} tabs={TABS.filter((each) => each.id !== "attempts" || container.deployment_id).map((each) => ({ label: each.label, to: `/containers/${at}/${each.id}` }))} />
      <Suspense fallback={<Skeleton />}>
        <Content tab={tab} container={container} />
      </Suspense>
    </Page>
  );
}

function Content({ tab, container }: { tab: string; container: Container }) {
  const path = `/api/v2/containers/${container.container_id}`;
  switch (tab) {
    case "overview":
      return <OverviewTab container={container} />;
    case "logs":
      return container.container_id ? <LogView path={`${path}/logs`} name={container.container_name} /> : <NotYet />;
    case "terminal":
      return container.container_id ? <TerminalTab container={container} /> : <NotYet />;
    case "graphs":
      return container.container_id ? <UsageCharts path={path} height={180} /> : <NotYet />;
    case "attempts":
      return <AttemptsTab container={container} />;
    default:
      return <FactsTabView tab={tab as FactsTab} container={container} />;
  }
}

/** When another container took the slot, the page goes on with it, and so do its logs. */
function useSuccessor({ container, successor }: PageContainer, tab: string): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!successor || !container) return;
    tell(`${container.container_name} was replaced`, "This page goes on with its successor.");
    const to = `/containers/${encodeURIComponent(successor)}/${tab}`;
    void navigate({ to, search: keepPool as never, replace: true });
  }, [successor, container, tab, navigate]);
}

function Title({ container }: { container: Container }) {
  const now = useNow();
  return (
    <span className={css.title}>
      <span className={css.name}>{container.container_name}</span>
      <span className={css.state}>
        <SlotState slot={container} now={now} />
      </span>
    </span>
  );
}

function Note({ id, container }: { id: string; container: Container }) {
  return (
    <>
      {container.hostname ? "on " : "no host yet"}
      <Ref kind="host" id={container.host_id} className="mono">{container.hostname}</Ref>
      {container.started_at && <>, for <Ago at={container.started_at} none="0 s" /></>}
      {container.deployment_id && <>, slot {container.service_id} {container.service_slot} of <Ref kind="deployment" id={container.deployment_id}>{container.deployment_name}</Ref></>}{" "}
      <AskedMark kind="container" id={id} />
    </>
  );
}

function Acts({ id, container }: { id: string; container: Container }) {
  const online = useOnline();
  const [asking, setAsking] = useState<Action>();
  const shown: Action[] = reasonAgainst("start", container) ? ["restart", "stop"] : ["start"];
  return (
    <>
      {shown.map((action) => (
        <Button
          key={action}
          reason={online ? reasonAgainst(action, container) : "Offline"}
          onClick={() => (LOSSY.has(action) ? setAsking(action) : void actOn(action, id, container).catch(() => undefined))}
        >
          {ACTION_LABEL[action]}
        </Button>
      ))}
      <ContainerMenu id={id} row={container} />
      <AskContainers action={asking} target={[[id, container]]} onClose={() => setAsking(undefined)} />
    </>
  );
}

function NotYet() {
  return <Empty title="There is no container yet">Its host has not created it.</Empty>;
}

function Gone() {
  return <Empty title="There is no such container">It was replaced or removed. Its slot is on the page of its deployment.</Empty>;
}
