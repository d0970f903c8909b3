// One slot: its container, checks and ports, and why it waits.

import { useQuery } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";
import { call, client } from "@/api/client";
import type { Container, Deployment } from "@/live/records";
import { store } from "@/live/store";
import { Ago, useNow } from "@/parts/ago";
import { CopyText } from "@/parts/copy-text";
import { Digest } from "@/parts/digest";
import { Sheet } from "@/parts/dialog";
import { SlotState } from "@/parts/glyph";
import { type Fact, KeyValue } from "@/parts/key-value";
import { LastOutput } from "@/parts/last-output";
import { PortLink } from "@/parts/port-link";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { Why } from "@/parts/why";
import { conditionOf } from "@/state/condition";
import { explainExit } from "@/state/exit-code";
import css from "./slots-tab.module.css";

interface SlotSheetProps {
  slot: Container;
  deployment: Deployment;
  onClose: () => void;
}

export function SlotSheet({ slot, deployment, onClose }: SlotSheetProps) {
  const now = useNow();
  return (
    <Sheet open onClose={onClose} title={<span className="mono">{slot.container_name}</span>}>
      <div className={css.sheet}>
        <SlotState slot={slot} now={now} />
        {slot.message && <p>{slot.message}</p>}
        <LastOutput slot={slot} />
        {conditionOf(slot) === "waits" && <WhyWaiting slot={slot} deployment={deployment} />}
        <div className={css.facts}>
          <KeyValue facts={factsOf(slot)} />
        </div>
      </div>
    </Sheet>
  );
}

function factsOf(slot: Container): Fact[] {
  const facts: (Fact | false)[] = [
    { name: "Service", value: slot.service_id },
    { name: "Slot", value: slot.service_slot },
    { name: "Host", value: <Ref kind="host" id={slot.host_id}>{slot.hostname || "none yet"}</Ref> },
    slot.image !== "" && { name: "Image", value: <code>{slot.image}</code> },
    slot.image_digest !== "" && { name: "Image digest", value: <Digest digest={slot.image_digest} /> },
    { name: "Started", value: <Ago at={slot.started_at} none="not started" /> },
    slot.checks_total > 0 && { name: "Health checks", value: `${slot.checks_passed} of ${slot.checks_total} passed` },
    slot.attempt > 0 && { name: "Attempt", value: slot.attempt },
    slot.failures > 0 && { name: "Failures in a row", value: `${slot.failures}, the last: ${slot.code}` },
    slot.exit_code !== null && { name: "Exit code", value: `${slot.exit_code}: ${explainExit(slot.exit_code)}` },
    slot.container_id !== "" && {
      name: "Container",
      value: (
        <>
          <Ref kind="container" id={slot.id} className="mono">{slot.container_id.slice(0, 12)}</Ref>{" "}
          <CopyText text={slot.container_id} label="Copy container id" />
        </>
      ),
    },
    ...slot.ports.map((port) => ({ name: `Port ${port.container_port}/${port.protocol}`, value: <PortLink port={port} hostId={slot.host_id} /> })),
  ];
  return facts.filter((fact) => fact !== false);
}

/** Asks the planner, which knows of every host why it does not take the slot. */
function WhyWaiting({ slot, deployment }: { slot: Container; deployment: Deployment }) {
  const { deployment_id: id } = deployment;
  const { data, error, refetch } = useQuery({
    queryKey: ["why", id, slot.service_id, slot.service_slot],
    refetchInterval: 5000,
    queryFn: () =>
      call(
        client.PUT("/api/v2/deployments/{deployment_id}", {
          params: { path: { deployment_id: id }, query: { dry_run: "once" } },
          body: {},
        }),
      ),
  });
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={3} />;
  const unplaced = "plan" in data && "placements" in data.plan ? data.plan.unplaced : [];
  const found = unplaced.find((each) => each.service_id === slot.service_id && each.service_slot === slot.service_slot);
  if (!found) return <p className="muted">A host takes this slot now.</p>;
  return (
    <Why
      title="Why is this waiting?"
      reasons={found.reasons}
      nameOf={(host) => store.get("host", host)?.info.hostname ?? host}
    />
  );
}
