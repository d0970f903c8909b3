// What a container wrote before it ended: its engine keeps it until the next attempt begins.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { readJson, type Schemas } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Container } from "@/live/records";
import { mergeOutput } from "@/state/output";
import { hasEnded } from "@/state/condition";
import css from "./last-output.module.css";
import { parseAnsi } from "./logs/ansi";
import { ProblemBox } from "./problem-box";
import { Skeleton } from "./skeleton";

const LINES = 20;

/** Stays when the next attempt begins; nothing for a slot whose container has not ended. */
export function LastOutput({ slot }: { slot: Container }) {
  const ended = hasEnded(slot) ? slot.container_id : "";
  const [last, setLast] = useState(ended);
  useEffect(() => {
    if (ended) setLast(ended);
  }, [ended]);
  if (!last) return null;
  return (
    <section className={css.part} aria-label="What it said last">
      <h3>What it said last</h3>
      <Output id={last} />
    </section>
  );
}

function Output({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["last-output", id],
    staleTime: Infinity,
    retry: false,
    queryFn: async () => {
      const path = `/api/v2/containers/${id}/logs?tail=${LINES}`;
      return (await readJson<{ container: Schemas["LogsAnswer"] }>(path)).container;
    },
  });
  if (error) {
    const problem = asProblem(error);
    if (problem.status === 404 || problem.code === "unknown_container") return <p className="muted">The container was removed before its output was read.</p>;
    return <ProblemBox problem={problem} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={2} />;
  const lines = mergeOutput(data.stdout, data.stderr, LINES);
  if (lines.length === 0) return <p className="muted">It wrote nothing.</p>;
  return (
    <pre className={css.output} tabIndex={0}>
      {lines.map((line, index) => (
        <div key={index} className={css[line.stream]}>
          {parseAnsi(line.text).map((span) => span.text).join("") || " "}
        </div>
      ))}
    </pre>
  );
}
