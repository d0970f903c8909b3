// The plan of a change that is being written: asked for when typing pauses, older answers dropped.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, type Schemas } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { useDerived } from "@/live/hooks";
import type { Store } from "@/live/store";
import type { Plan } from "./plan";

const SETTLE_MS = 250;

type Tried = Schemas["OneDeployment"] | Schemas["OnePlan"] | Schemas["OneForecast"];
type Asked = { data?: Tried; error?: unknown; response: Response };

export interface Planning {
  plan?: Plan;
  /** What of the text is not taken over word by word. */
  report: readonly Schemas["ReportEntry"][];
  problem?: Problem;
  /** Whether the plan is not yet that of what is asked. */
  pending: boolean;
  retry: () => void;
}

/**
 * Return the plan of a change, asked for again when the change or the fleet is another.
 *
 * `subject` names what is changed; `send` asks for a dry run of the body. Without a body nothing is asked.
 */
export function usePlan<Body>(subject: string, body: Body | undefined, send: (body: Body, signal: AbortSignal) => Promise<Asked>): Planning {
  const wanted = write(body);
  const settled = useSettled(wanted);
  const fleet = useDerived(["host", "deployment"], describeFleet, [], 1);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    queryKey: ["plan", subject, settled, fleet],
    enabled: settled !== "",
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const answer = await call(send(JSON.parse(settled) as Body, signal));
      return "plan" in answer && "services" in answer.plan ? { plan: answer.plan, report: answer.report ?? [] } : null;
    },
  });
  const retry = () => void refetch();
  if (wanted === "") return { report: [], pending: false, retry };
  return {
    plan: data?.plan,
    report: data?.report ?? [],
    problem: error && !isFetching ? asProblem(error) : undefined,
    pending: settled !== wanted || isPlaceholderData || (isFetching && !data),
    retry,
  };
}

const write = (body: unknown): string => (body === undefined ? "" : JSON.stringify(body));

/** Return a text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** Write what plans depend on: which hosts take slots, and which deployments there are. */
export function describeFleet(store: Store): string {
  const hosts = [...store.all("host")].map(([id, each]) =>
    [id, each.info.pool_id, each.state, each.duty, each.engine_reachable, each.held, each.tags].join(),
  );
  const deployments = [...store.all("deployment")].map(([id, each]) => [id, each.generation, each.desired_state].join());
  return [...hosts, ...deployments].join("|");
}
