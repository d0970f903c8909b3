// The bearer token: hidden until it is asked for, copied, renewed with a warning.

import { useState } from "react";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { CopyText } from "@/parts/copy-text";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { useSubmit } from "@/parts/use-submit";
import css from "./account.module.css";
import { readToken, renewToken } from "./queries";

export function TokenPanel() {
  const online = useOnline();
  const [token, setToken] = useState("");
  const [renewing, setRenewing] = useState(false);
  const { busy, problem, run, dismiss } = useSubmit();
  const show = () => void run(async () => setToken(await readToken()));
  const reason = online ? undefined : "Offline";
  return (
    <Panel
      title="Bearer token"
      acts={<Button look="quiet" reason={reason} onClick={() => setRenewing(true)}>Renew token</Button>}
    >
      <div className={css.form}>
        <p className="muted">
          Scripts and the command line sign in with it. It does not end, and may do all that this account may do: treat it like the password. Named tokens are safer.
        </p>
        <div className={css.token}>
          <code>{token || "••••••••••••••••"}</code>
          {token && <CopyText text={token} label="Copy token" />}
          {token ? (
            <Button onClick={() => setToken("")}>Hide token</Button>
          ) : (
            <Button disabled={busy} reason={reason} onClick={show}>Show token</Button>
          )}
        </div>
        {problem && <ProblemBox problem={problem} onRetry={show} onDismiss={dismiss} />}
      </div>
      <Confirm
        open={renewing}
        onClose={() => setRenewing(false)}
        title="Renew the bearer token?"
        verb="Renew token"
        onConfirm={async () => setToken(await renewToken())}
      >
        <p>The present token stops working at once. Every script and tool that uses it fails until it has the new one.</p>
        <p className="muted">Sessions of browsers stay signed in.</p>
      </Confirm>
    </Panel>
  );
}
