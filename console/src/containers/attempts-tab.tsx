// Attempts: how often the slot's container ended, why, what it said last, and what happened to the slot.

import { useCallback } from "react";
import type { Container, EventRecord } from "@/live/records";
import { useNow } from "@/parts/ago";
import { Empty } from "@/parts/empty";
import { EventList } from "@/parts/events/event-list";
import { useEvents } from "@/parts/events/use-events";
import { type Fact, KeyValue } from "@/parts/key-value";
import { LastOutput } from "@/parts/last-output";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { describeSlot } from "@/state/condition";
import { explainExit } from "@/state/exit-code";
import css from "./container-page.module.css";

export function AttemptsTab({ container }: { container: Container }) {
  const now = useNow();
  return (
    <>
      <Panel title={`Slot ${container.service_id} ${container.service_slot}`}>
        <KeyValue facts={attemptFacts(container, now)} />
        <div className={css.last}>
          <LastOutput slot={container} />
        </div>
      </Panel>
      <SlotEvents container={container} />
    </>
  );
}

function attemptFacts(container: Container, now: number): Fact[] {
  const { attempt, failures, code, exit_code: exit, hostname, message } = container;
  const facts: (Fact | false)[] = [
    { name: "Now", value: describeSlot(container, now) },
    attempt > 0 && { name: "Attempt", value: `${attempt} on ${hostname}` },
    failures > 0 && { name: "Failures in a row", value: code ? `${failures}, the last: ${code}` : failures },
    exit !== null && { name: "Exit code", value: `${exit}: ${explainExit(exit)}` },
    message !== "" && { name: "Reason", value: message },
  ];
  return facts.filter((fact) => fact !== false);
}

function SlotEvents({ container }: { container: Container }) {
  const { deployment_id: id, service_id: service, service_slot: slot } = container;
  const passes = useCallback(
    ({ details }: EventRecord) => details.deployment_id === id && details.service_id === service && details.service_slot === String(slot),
    [id, service, slot],
  );
  const { events, problem, retry } = useEvents(`deployment=${encodeURIComponent(id)}`, passes);
  const shown = events?.filter(passes);
  return (
    <Panel title="What happened">
      {problem && <ProblemBox problem={problem} onRetry={retry} />}
      {!events && !problem && <Skeleton />}
      {shown?.length === 0 && <Empty title="No events of this slot">Starts and failures of its containers appear here.</Empty>}
      {shown && shown.length > 0 && <EventList events={shown} withActor={false} />}
    </Panel>
  );
}
