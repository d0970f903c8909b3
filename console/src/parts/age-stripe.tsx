// The stripe above a page whose content may be old: since when, and why writes are off.

import { formatClock } from "@/state/words";
import { Button } from "./button";
import css from "./age-stripe.module.css";

interface AgeStripeProps {
  since: number;
  onRetry: () => void;
}

export function AgeStripe({ since, onRetry }: AgeStripeProps) {
  return (
    <div className={css.stripe} role="status">
      <span>
        Offline since {formatClock(since)}. You see what was known then; changes cannot be sent.
      </span>
      <Button onClick={onRetry}>Connect now</Button>
    </div>
  );
}
