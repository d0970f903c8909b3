// Where the account is signed in, and how to end that.

import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Ago } from "@/parts/ago";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Confirm } from "@/parts/confirm";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { plural } from "@/state/words";
import { useSubmit } from "@/parts/use-submit";
import css from "./account.module.css";
import { browserName } from "./browser-name";
import { endOtherSessions, endSession, type SessionItem, useSessions } from "./queries";

export function SessionsPanel() {
  const { data, error, refetch } = useSessions();
  const online = useOnline();
  const [asking, setAsking] = useState(false);
  const { busy, problem, run, dismiss } = useSubmit();
  const others = (data ?? []).filter((each) => !each.current).length;
  const end = (id: string) =>
    void run(async () => {
      await endSession(id);
      await refetch();
    });
  return (
    <Panel
      title="Sessions"
      acts={
        others > 0 && (
          <Button look="quiet" reason={online ? undefined : "Offline"} onClick={() => setAsking(true)}>End all others</Button>
        )
      }
    >
      {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
      {problem && <ProblemBox problem={problem} title="End session" onDismiss={dismiss} />}
      {!data && !error && <Skeleton rows={3} onRetry={() => void refetch()} />}
      <ul>
        {data?.map((each) => (
          <SessionRow key={each.session_id} session={each} reason={online ? (busy ? "Ending" : undefined) : "Offline"} onEnd={() => end(each.session_id)} />
        ))}
      </ul>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title="End all other sessions?"
        verb="End sessions"
        onConfirm={async () => {
          await endOtherSessions();
          await refetch();
        }}
      >
        <p>{plural(others, "session")} must sign in again. This one stays, and so does the bearer token.</p>
      </Confirm>
    </Panel>
  );
}

function SessionRow({ session, reason, onEnd }: { session: SessionItem; reason?: string; onEnd: () => void }) {
  const name = session.kind === "browser" ? browserName(session.user_agent) : "API session";
  return (
    <li className={css.session}>
      <span title={session.user_agent || undefined}>
        {name} {session.current && <Chip>this browser</Chip>}
      </span>
      <code className="muted">{session.address}</code>
      <span className="muted">used <Ago at={session.last_used_on} /> ago, since <Ago at={session.created_on} /></span>
      <span className={css.end}>{!session.current && <Button reason={reason} aria-label={`End session: ${name}`} onClick={onEnd}>End</Button>}</span>
    </li>
  );
}
