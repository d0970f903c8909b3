// Overview: what it uses, what it is, where it runs, how its checks fare.

import type { ReactNode } from "react";
import type { Container } from "@/live/records";
import { Ago } from "@/parts/ago";
import { UsageCharts } from "@/parts/chart/usage-charts";
import { CopyText } from "@/parts/copy-text";
import { Digest } from "@/parts/digest";
import { type Fact, KeyValue } from "@/parts/key-value";
import { Panel } from "@/parts/page";
import { PortLink } from "@/parts/port-link";
import { Ref } from "@/parts/ref";
import { conditionOf } from "@/state/condition";
import { explainExit } from "@/state/exit-code";
import { formatBytes } from "@/state/words";
import css from "./container-page.module.css";
import { at, type Json, show, useInspect } from "./inspect";

export function OverviewTab({ container }: { container: Container }) {
  const { data } = useInspect(container);
  const runs = ["well", "runs", "ill", "starts", "paused"].includes(conditionOf(container)) && container.container_id;
  return (
    <>
      {runs && <UsageCharts path={`/api/v2/containers/${container.container_id}`} few />}
      <div className={css.columns}>
        <Panel title="Container">
          <KeyValue facts={containerFacts(container, data)} />
        </Panel>
        <Panel title="State">
          <KeyValue facts={stateFacts(container, data)} />
        </Panel>
      </div>
    </>
  );
}

const code = (text: string): ReactNode => <code className={css.value}>{text}</code>;

/** Return a fact unless its text is empty. */
const some = (name: string, text: string, value: ReactNode = text): Fact[] => (text ? [{ name, value }] : []);

function copied(id: string): ReactNode {
  return (
    <>
      {code(id.replace("sha256:", "").slice(0, 12))} <CopyText text={id} />
    </>
  );
}

function containerFacts(container: Container, document: Json | undefined): Fact[] {
  const config = at(document, "Config");
  const command = [config.Entrypoint, config.Cmd].flatMap((each) => (Array.isArray(each) ? each.map(String) : [])).join(" ");
  const image = container.image || show(config.Image);
  return [
    ...some("Image", image, code(image)),
    ...some("Image id", show(document?.Image), copied(show(document?.Image))),
    ...some("Image digest", container.image_digest, <Digest digest={container.image_digest} />),
    ...some("Container id", container.container_id, copied(container.container_id)),
    ...some("Command", command, code(command)),
    ...some("Host", container.hostname, <Ref kind="host" id={container.host_id} className="mono">{container.hostname}</Ref>),
    ...some("Pool", container.host_group, <Ref kind="pool" id={container.host_group} />),
    ...some("Deployment", container.deployment_id, <Ref kind="deployment" id={container.deployment_id}>{container.deployment_name}</Ref>),
    ...some("Slot", container.deployment_id && `${container.service_id} ${container.service_slot}, phase ${container.phase_id}`),
    ...container.ports.map((port) => ({
      name: `Port ${port.container_port}/${port.protocol}`,
      value: <PortLink port={port} hostId={container.host_id} />,
    })),
  ];
}

function stateFacts(container: Container, document: Json | undefined): Fact[] {
  const state = at(document, "State");
  const limits = at(document, "HostConfig");
  const exit = container.exit_code ?? (state.Running === false && typeof state.ExitCode === "number" ? state.ExitCode : undefined);
  return [
    { name: "State", value: container.state },
    ...some("Message", container.message),
    { name: "Started", value: <Ago at={container.started_at} none="not started" /> },
    ...(exit === undefined ? [] : [{ name: "Exit code", value: `${exit}: ${explainExit(exit)}` }]),
    ...some("Health checks", container.checks_total ? `${container.checks_passed} of ${container.checks_total} passed` : ""),
    ...some("Attempt", container.attempt ? String(container.attempt) : ""),
    ...some("Process id", Number(state.Pid) > 0 ? show(state.Pid) : ""),
    ...some("Memory limit", limit(limits.Memory)),
    ...some("Memory and swap limit", limit(limits.MemorySwap)),
    ...some("Restarts by the engine", show(document?.RestartCount)),
  ];
}

const limit = (bytes: unknown): string => (typeof bytes === "number" && bytes > 0 ? formatBytes(bytes) : "");
