// All deployments in short: those that need a person first.

import type { Store } from "@/live/store";
import { slotsOf, waitingSlots } from "@/live/slots";
import { type Condition, conditionOf } from "@/state/condition";
import { DEPLOYMENT_WORDS, type DeploymentWord, deploymentWord } from "@/state/deployment-word";
import { compareNames } from "@/state/order";

export interface Short {
  id: string;
  name: string;
  pool: string;
  word: DeploymentWord;
  conditions: Condition[];
  filled: number;
  total: number;
}

export interface Summary {
  total: number;
  sick: Short[];
  well: Short[];
}

/** Words that need nobody. */
const WELL: ReadonlySet<DeploymentWord> = new Set(["healthy", "started", "stopped"]);

export function summarize(store: Store, pool: string): Summary {
  const waiting = waitingSlots(store);
  const all: Short[] = [];
  for (const [id, deployment] of store.all("deployment")) {
    if (pool && deployment.placement.pool_id !== pool) continue;
    const slots = slotsOf(store, id, waiting.get(id) ?? []);
    const conditions = slots.map(conditionOf);
    all.push({
      id,
      name: deployment.deployment_name,
      pool: deployment.placement.pool_id,
      word: deploymentWord(deployment, slots),
      conditions,
      filled: conditions.filter((each) => each === "well" || each === "runs" || each === "done").length,
      total: Math.max(deployment.containers_total ?? 0, conditions.length),
    });
  }
  all.sort((a, b) => DEPLOYMENT_WORDS.indexOf(a.word) - DEPLOYMENT_WORDS.indexOf(b.word) || compareNames(a.name, b.name));
  return { total: all.length, sick: all.filter((each) => !WELL.has(each.word)), well: all.filter((each) => WELL.has(each.word)) };
}
