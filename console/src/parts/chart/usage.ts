// What a container or host uses: the last hour, then measured while somebody looks.

import { useEffect, useState } from "react";
import { readJson, type Schemas } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { link } from "@/live/page-link";

type Point = Schemas["UsageAnswer"];

/** An hour at one point each 2 s. */
const MAX_POINTS = 1800;
/** A longer silence is a gap in the line. */
const GAP_S = 75;

/** Columns side by side, as graphs want them; a gap is a point without values. */
export interface Usage {
  times: number[];
  cpu: (number | null)[];
  memory: (number | null)[];
  received: (number | null)[];
  sent: (number | null)[];
  read: (number | null)[];
  written: (number | null)[];
  memoryLimit: number;
}

const EMPTY: Usage = { times: [], cpu: [], memory: [], received: [], sent: [], read: [], written: [], memoryLimit: 0 };

/** Return columns with these points after them. */
export function addPoints(before: Usage, points: readonly Point[]): Usage {
  const usage: Usage = { ...before };
  const columns = ["times", "cpu", "memory", "received", "sent", "read", "written"] as const;
  const added: Record<(typeof columns)[number], (number | null)[]> = { times: [], cpu: [], memory: [], received: [], sent: [], read: [], written: [] };
  let last = before.times.at(-1) ?? 0;
  for (const point of points) {
    const time = Date.parse(point.time) / 1000;
    if (!(time > last)) continue;
    if (last && time - last > GAP_S) pushRow(added, last + 1, undefined);
    pushRow(added, time, point);
    usage.memoryLimit = point.memory_limit_bytes;
    last = time;
  }
  for (const name of columns) usage[name] = [...before[name], ...added[name]].slice(-MAX_POINTS) as never;
  return usage;
}

const MEMBERS: Record<string, keyof Point> = {
  cpu: "cpu_percent", memory: "memory_bytes", received: "received_bytes_s", sent: "sent_bytes_s", read: "read_bytes_s", written: "written_bytes_s",
};

function pushRow(columns: Record<string, (number | null)[]>, time: number, point: Point | undefined): void {
  columns.times?.push(time);
  for (const [name, member] of Object.entries(MEMBERS)) columns[name]?.push(point ? Number(point[member]) : null);
}

export interface UsageState {
  usage: Usage;
  problem: Problem | undefined;
}

/** Follow what the object at a path uses: `/api/v2/containers/ID` or `/api/v2/hosts/ID`. */
export function useUsage(path: string): UsageState {
  const [state, setState] = useState<UsageState>({ usage: EMPTY, problem: undefined });
  useEffect(() => {
    const ended = new AbortController();
    let close: (() => void) | undefined;
    const fail = (problem: Problem) => setState((before) => ({ ...before, problem }));
    const add = (points: readonly Point[]) => setState(({ usage }) => ({ usage: addPoints(usage, points), problem: undefined }));
    const begin = async () => {
      const { stats } = await readJson<Schemas["OneStats"]>(`${path}/stats`, ended.signal);
      setState({ usage: addPoints(EMPTY, stats.history), problem: undefined });
      close = link.follow(`${path}/stats?follow=true&interval=2`, {
        onData: (data, event) => event === "" && add([data as Point]),
        onEnd: (code, message) => code && code !== "ended" && fail(new Problem(0, [{ code, message }])),
      });
    };
    begin().catch((thrown: unknown) => !ended.signal.aborted && fail(asProblem(thrown)));
    return () => {
      ended.abort();
      close?.();
    };
  }, [path]);
  return state;
}
