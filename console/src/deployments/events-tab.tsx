// Events of a deployment and of its containers.

import { useCallback } from "react";
import type { EventRecord } from "@/live/records";
import { Empty } from "@/parts/empty";
import { EventList } from "@/parts/events/event-list";
import { useEvents } from "@/parts/events/use-events";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";

export function EventsTab({ id }: { id: string }) {
  const passes = useCallback(
    (event: EventRecord) =>
      event.details.deployment_id === id || (event.actor_type === "deployment" && event.actor_id === id),
    [id],
  );
  const { events, problem, retry } = useEvents(`deployment=${encodeURIComponent(id)}`, passes);
  return (
    <Panel>
      {problem && <ProblemBox problem={problem} onRetry={retry} />}
      {!events && !problem && <Skeleton />}
      {events?.length === 0 && <Empty title="No events">What happens to this deployment appears here.</Empty>}
      {events && events.length > 0 && <EventList events={events} withActor={false} />}
    </Panel>
  );
}
