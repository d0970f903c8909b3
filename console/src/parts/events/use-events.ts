// Events as they were and as they come: the newest are read, then followed.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { readJson } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { EventRecord } from "@/live/records";
import { link } from "@/live/page-link";

/** Events that a page holds. */
const MAX_EVENTS = 1000;

interface Events {
  events: readonly EventRecord[] | undefined;
  problem: Problem | undefined;
  retry: () => void;
}

/** Return the newest events of a query such as `deployment=shop`, and those that come and pass. */
export function useEvents(query: string, passes: (event: EventRecord) => boolean): Events {
  const { data, error, refetch } = useQuery({
    queryKey: ["events", query],
    queryFn: () => readJson<{ events: EventRecord[] }>(`/api/v2/events/?limit=250&${query}`),
  });
  const [fresh, setFresh] = useState<readonly EventRecord[]>([]);
  useEffect(() => {
    setFresh([]);
    return link.follow("/api/v2/watch?kinds=event", {
      onData: (message) => {
        const { object } = (message ?? {}) as { object?: EventRecord | null };
        if (object && passes(object)) setFresh((before) => [object, ...before].slice(0, MAX_EVENTS));
      },
      onReopen: () => void refetch(),
    });
  }, [passes, refetch]);
  const events = useMemo(() => (data ? merge(fresh, data.events) : undefined), [data, fresh]);
  return { events, problem: error ? asProblem(error) : undefined, retry: () => void refetch() };
}

/** Return events once each, the newest first. */
export function merge(fresh: readonly EventRecord[], older: readonly EventRecord[]): EventRecord[] {
  const known = new Map([...older, ...fresh].map((event) => [event.event_id, event]));
  return [...known.values()].sort((a, b) => b.event_id - a.event_id).slice(0, MAX_EVENTS);
}
