// Orders that every list, bar and strip shares: what needs a person comes first.

import { CONDITIONS, type Condition } from "./condition";

const RANK = new Map<Condition, number>(CONDITIONS.map((condition, index) => [condition, index]));

/** Compare conditions: the worse comes first. */
export const compareConditions = (a: Condition, b: Condition): number => (RANK.get(a) ?? 0) - (RANK.get(b) ?? 0);

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Compare names as people do: `web-2` before `web-10`. */
export const compareNames = collator.compare;
