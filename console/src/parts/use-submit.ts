// A form that is sent: whether it is under way, and the refusal to show beside it.

import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";

interface Submit {
  busy: boolean;
  problem: Problem | undefined;
  /** Carry it out; false when it was refused. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  dismiss: () => void;
}

export function useSubmit(): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (thrown) {
      setProblem(asProblem(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run, dismiss: () => setProblem(undefined) };
}
