// Named tokens: one for each program, with what it may do, its last use and its end.

import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Ago, useNow } from "@/parts/ago";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Confirm } from "@/parts/confirm";
import { Empty } from "@/parts/empty";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { parseTime } from "@/state/words";
import css from "./account.module.css";
import { MadeToken, NewTokenDialog } from "./new-token";
import { endToken, type NewToken, useTokens } from "./queries";
import { describeEnd, SCOPES, type TokenItem } from "./token-facts";

export function TokensPanel() {
  const { refetch } = useTokens();
  const online = useOnline();
  const [naming, setNaming] = useState(false);
  const [made, setMade] = useState<NewToken>();
  const [ending, setEnding] = useState<TokenItem>();
  const reason = online ? undefined : "Offline";
  return (
    <Panel title="Named tokens" acts={<Button look="quiet" reason={reason} onClick={() => setNaming(true)}>New token</Button>}>
      <TokenList reason={reason} onEnd={setEnding} />
      {naming && (
        <NewTokenDialog
          onClose={() => setNaming(false)}
          onMade={(token) => {
            setMade(token);
            void refetch();
          }}
        />
      )}
      {made && <MadeToken made={made} onClose={() => setMade(undefined)} />}
      {ending && <EndToken token={ending} onClose={() => setEnding(undefined)} onEnded={refetch} />}
    </Panel>
  );
}

function TokenList({ reason, onEnd }: { reason?: string; onEnd: (token: TokenItem) => void }) {
  const { data, error, refetch } = useTokens();
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={2} onRetry={() => void refetch()} />;
  if (data.length === 0) return <Empty title="No named tokens">A token for each program can be deleted without touching the others.</Empty>;
  return (
    <ul>
      {data.map((each) => <TokenRow key={each.token_id} token={each} reason={reason} onEnd={() => onEnd(each)} />)}
    </ul>
  );
}

function EndToken({ token, onClose, onEnded }: { token: TokenItem; onClose: () => void; onEnded: () => Promise<unknown> }) {
  const end = async () => {
    await endToken(token.token_id);
    await onEnded();
  };
  return (
    <Confirm open onClose={onClose} title={`Delete the token ${token.name}?`} verb="Delete token" onConfirm={end}>
      <p>The program that uses it is refused from then on. Streams and programs in containers that it opened end.</p>
    </Confirm>
  );
}

function TokenRow({ token, reason, onEnd }: { token: TokenItem; reason?: string; onEnd: () => void }) {
  const now = useNow();
  const scope = SCOPES.find((each) => each.value === token.scope)?.label ?? token.scope;
  const used = !Number.isNaN(parseTime(token.last_used_on));
  return (
    <li className={css.session}>
      <span>{token.name}</span>
      <span><Chip>{scope}</Chip></span>
      <span className="muted">
        {used ? <>used <Ago at={token.last_used_on} /> ago</> : "never used"}, made <Ago at={token.created_on} /> ago, {describeEnd(token, now)}
      </span>
      <span className={css.end}><Button reason={reason} aria-label={`Delete token ${token.name}`} onClick={onEnd}>Delete</Button></span>
    </li>
  );
}
