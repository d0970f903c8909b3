// Which two generations are compared.

/** Return which two are compared when one more is chosen: it and the newer of the others. */
export function chooseTwo(chosen: number, from: number, to: number): { from: number; to: number } {
  const other = chosen === to ? from : to;
  return { from: Math.min(chosen, other), to: Math.max(chosen, other) };
}
