// What stands where content will be: after a moment only, so that quick answers do not flicker.

import { useEffect, useState } from "react";
import { Button } from "./button";
import css from "./skeleton.module.css";

/** Return whether this time has passed since the component appeared. */
function useElapsed(ms: number): boolean {
  const [elapsed, setElapsed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setElapsed(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return elapsed;
}

interface SkeletonProps {
  rows?: number;
  onRetry?: () => void;
}

export function Skeleton({ rows = 6, onRetry }: SkeletonProps) {
  const shown = useElapsed(150);
  const slow = useElapsed(5000);
  if (!shown) return null;
  return (
    <div className={css.skeleton} aria-busy="true">
      {slow ? (
        <p className={css.slow}>
          The manager is taking long to answer. {onRetry && <Button onClick={onRetry}>Try again</Button>}
        </p>
      ) : (
        <span className="visually-hidden">Loading</span>
      )}
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={css.row} style={{ inlineSize: `${88 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
