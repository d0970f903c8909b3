// One timer for the whole page: whatever shows an age listens to it.

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Hear once a second. */
export function subscribeSecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  };
}
