// Whether what is shown is true now: four shapes, and what the connection is about behind them.

import { useLink } from "@/live/hooks";
import type { LinkState } from "@/live/link";
import { link } from "@/live/page-link";
import { Ago } from "@/parts/ago";
import { Button } from "@/parts/button";
import { KeyValue } from "@/parts/key-value";
import { Popover } from "@/parts/popover";
import css from "./live-indicator.module.css";

const WORDS: Record<LinkState, string> = {
  connecting: "Connecting",
  live: "Live",
  quiet: "No news for 20 s",
  offline: "Offline",
};

export function LiveIndicator({ narrow }: { narrow: boolean }) {
  const info = useLink();
  const word = WORDS[info.state];
  return (
    <Popover
      title={word}
      trigger={
        <Button look="quiet" aria-label={`Connection: ${word}`}>
          <Mark state={info.state} />
          {!narrow && word}
        </Button>
      }
    >
      <KeyValue
        facts={[
          { name: "Since", value: <Ago at={info.since} /> },
          { name: "Address", value: <code>{location.host}</code> },
          { name: "Revision", value: <code>{info.revision || "none yet"}</code> },
          { name: "Changes", value: `${info.perSecond} a second` },
        ]}
      />
      {info.state === "offline" && (
        <div className={css.acts}>
          <Button onClick={link.connectNow}>Connect now</Button>
        </div>
      )}
    </Popover>
  );
}

function Mark({ state }: { state: LinkState }) {
  return (
    <svg className={css[state]} viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      {state === "offline" ? <path d="M5 0 10 5 5 10 0 5Z" /> : <circle cx="5" cy="5" r={state === "live" ? 4.5 : 3.5} />}
    </svg>
  );
}
