// Runs a function at most once in a time, and always after the last call.

export interface Throttled {
  run: () => void;
  stop: () => void;
}

export function throttled(call: () => void, everyMs: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const fire = () => {
    timer = undefined;
    last = Date.now();
    call();
  };
  return {
    run: () => {
      if (timer !== undefined) return;
      const wait = last + everyMs - Date.now();
      if (wait <= 0) fire();
      else timer = setTimeout(fire, wait);
    },
    stop: () => clearTimeout(timer),
  };
}
