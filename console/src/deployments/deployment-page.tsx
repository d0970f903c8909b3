// A deployment: is it whole, and if not, which slot and why?

import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useLoaded, useOnline } from "@/live/hooks";
import { AskedMark } from "@/parts/asked-mark";
import { Berths } from "@/parts/berths";
import { Button } from "@/parts/button";
import { Empty } from "@/parts/empty";
import { Glyph } from "@/parts/glyph";
import { LinkButton } from "@/parts/link-button";
import { Page } from "@/parts/page";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { Tabs } from "@/parts/tabs";
import { DEPLOYMENT_LABEL, DEPLOYMENT_SHAPE, describeRollout } from "@/state/deployment-word";
import { actOn, type DeploymentAction } from "./deployment-acts";
import { AskDeployments, DeploymentMenu } from "./deployment-menu";
import type { DeploymentRow } from "./deployment-rows";
import css from "./deployment-page.module.css";
import { ScaleSheet } from "./scale-sheet";
import { SlotsTab } from "./slots-tab";
import { useDeploymentRow } from "./use-deployment";

const EventsTab = lazy(() => import("./events-tab").then((it) => ({ default: it.EventsTab })));
const TextTab = lazy(() => import("./text-tab").then((it) => ({ default: it.TextTab })));
const GenerationsTab = lazy(() => import("./generations-tab").then((it) => ({ default: it.GenerationsTab })));
const WebhookTab = lazy(() => import("./webhook-tab").then((it) => ({ default: it.WebhookTab })));
const LogView = lazy(() => import("@/parts/logs/log-view").then((it) => ({ default: it.LogView })));

const TABS: readonly { id: string; label: string }[] = [
  { id: "slots", label: "Slots" },
  { id: "logs", label: "Logs" },
  { id: "events", label: "Events" },
  { id: "text", label: "Text" },
  { id: "generations", label: "Generations" },
  { id: "webhook", label: "Webhook" },
];

/** Tabs that fill the window and scroll inside. */
const FIXED = new Set(["logs", "text"]);

export function DeploymentPage() {
  const { id = "", tab = "slots" } = useParams({ strict: false }) as { id?: string; tab?: string };
  const loaded = useLoaded("deployment", "container");
  const row = useDeploymentRow(id);
  if (!row) return loaded ? <Gone id={id} /> : <Skeleton />;
  const at = encodeURIComponent(id);
  return (
    <Page
      fixed={FIXED.has(tab)}
      name={row.deployment.deployment_name}
      title={
        <span className={css.title}>
          <Glyph condition={DEPLOYMENT_SHAPE[row.word]} size={16} /> {row.deployment.deployment_name}
        </span>
      }
      note={<Note row={row} />}
      acts={<Acts row={row} />}
    >
      <Berths conditions={row.conditions} size={12} />
      <Tabs
        label={`Parts of ${row.deployment.deployment_name}`}
        current={tab}
        tabs={TABS.map((each) => ({ label: each.label, to: `/deployments/${at}/${each.id}` }))}
      />
      <Suspense fallback={<Skeleton />}>
        <Content tab={tab} id={id} row={row} />
      </Suspense>
    </Page>
  );
}

function Content({ tab, id, row }: { tab: string; id: string; row: DeploymentRow }) {
  const { deployment } = row;
  switch (tab) {
    case "logs":
      return <LogView path={`/api/v2/deployments/${encodeURIComponent(id)}/logs`} name={deployment.deployment_name} gutter />;
    case "events":
      return <EventsTab id={id} />;
    case "text":
      return <TextTab deployment={deployment} />;
    case "generations":
      return <GenerationsTab deployment={deployment} />;
    case "webhook":
      return <WebhookTab deployment={deployment} />;
    default:
      return <SlotsTab id={id} row={row} />;
  }
}

function Note({ row }: { row: DeploymentRow }) {
  const { deployment, word, filled, total } = row;
  const rollout = describeRollout(deployment);
  return (
    <>
      {DEPLOYMENT_LABEL[word]}, {filled} of {total} slots filled, generation {deployment.generation}, pool{" "}
      <Ref kind="pool" id={deployment.placement.pool_id} />
      {rollout && `, ${rollout}`} <AskedMark kind="deployment" id={deployment.deployment_id} />
    </>
  );
}

function Acts({ row: { deployment } }: { row: DeploymentRow }) {
  const online = useOnline();
  const [asking, setAsking] = useState<DeploymentAction>();
  const [scaling, setScaling] = useState(false);
  const offline = online ? undefined : "Offline";
  return (
    <>
      {deployment.desired_state === 1 ? (
        <>
          <Button reason={offline} onClick={() => setScaling(true)}>
            Scale
          </Button>
          <Button reason={offline} onClick={() => setAsking("restart")}>
            Restart
          </Button>
          <Button reason={offline} onClick={() => setAsking("stop")}>
            Stop
          </Button>
        </>
      ) : (
        <Button look="main" reason={offline} onClick={() => void actOn("start", deployment).catch(() => undefined)}>
          Start
        </Button>
      )}
      <LinkButton to={`/deployments/${encodeURIComponent(deployment.deployment_id)}/change`}>Change</LinkButton>
      <DeploymentMenu deployment={deployment} />
      {scaling && <ScaleSheet deployment={deployment} onClose={() => setScaling(false)} />}
      <AskDeployments action={asking} deployments={[deployment]} onClose={() => setAsking(undefined)} />
    </>
  );
}

function Gone({ id }: { id: string }) {
  return (
    <Empty title={`There is no deployment “${id}”`}>
      It was removed, or never existed.
    </Empty>
  );
}

