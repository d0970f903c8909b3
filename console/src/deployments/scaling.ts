// What a change of quantities comes to.

export type Quantities = Record<string, number>;

/** Return how many slots come and go. */
export function differences(before: Quantities, after: Quantities): { added: number; removed: number } {
  const steps = Object.entries(after).map(([service, count]) => count - (before[service] ?? 0));
  return {
    added: steps.filter((step) => step > 0).reduce((sum, step) => sum + step, 0),
    removed: -steps.filter((step) => step < 0).reduce((sum, step) => sum + step, 0),
  };
}

export function describe({ added, removed }: { added: number; removed: number }): string {
  const parts = [added > 0 && `add ${added}`, removed > 0 && `remove ${removed}`].filter(Boolean).join(", ");
  return parts ? `Scale: ${parts}` : "Scale";
}
