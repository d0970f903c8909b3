// Sending what was planned, once, and what came of it.

import { useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import type { ServiceChange } from "@/parts/plan/plan";
import type { Planning } from "@/parts/plan/use-plan";

interface Applying {
  /** Why it cannot be sent now. */
  reason: string | undefined;
  problem: Problem | undefined;
  dismiss: () => void;
  apply: () => void;
}

/** Return how a plan is applied; `send` throws the refusal. */
export function useApply(planning: Planning, wanted: boolean, none: string, send: () => Promise<unknown>): Applying {
  const online = useOnline();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const apply = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await send();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return {
    reason: reasonAgainst({ online, busy, wanted, none, planning }),
    problem,
    dismiss: () => setProblem(undefined),
    apply: () => void apply(),
  };
}

interface Facts {
  online: boolean;
  busy: boolean;
  wanted: boolean;
  none: string;
  planning: Pick<Planning, "plan" | "problem" | "pending">;
}

/** Slots that wait forbid nothing; what is wrong with the request does. */
export function reasonAgainst({ online, busy, wanted, none, planning }: Facts): string | undefined {
  if (!online) return "Offline";
  if (!wanted) return none;
  if (busy) return "Sent, not answered yet";
  if (planning.problem) return planning.problem.message;
  return planning.pending || !planning.plan ? "The plan is being made" : undefined;
}

/** Return the services of the last plan that was right, so that fields do not vanish while a text is wrong. */
export function useLastServices(planning: Planning): readonly ServiceChange[] {
  const last = useRef<readonly ServiceChange[]>([]);
  if (planning.plan) last.current = planning.plan.services;
  return last.current;
}
