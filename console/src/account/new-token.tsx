// A new named token: what it is for, what it may do, when it ends; then its text, once.

import { useState } from "react";
import { Button } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { CopyText } from "@/parts/copy-text";
import { Dialog } from "@/parts/dialog";
import { Field, Input } from "@/parts/field";
import { Select } from "@/parts/select";
import css from "./account.module.css";
import { createToken, type NewToken } from "./queries";
import { ENDS, SCOPE_MEANING, SCOPES, tokenBody, type TokenScope } from "./token-facts";

const DEFAULT_END = ENDS[2]?.value ?? "";

export function NewTokenDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewToken) => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("read");
  const [end, setEnd] = useState(DEFAULT_END);
  return (
    <Confirm
      open
      onClose={onClose}
      title="New token"
      verb="Create token"
      complete={name.trim() !== ""}
      onConfirm={async () => onMade(await createToken(tokenBody(name, scope, end)))}
    >
      <Field label="Name" note="The program that uses it.">
        <Input value={name} maxLength={100} autoComplete="off" onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Access" note={SCOPE_MEANING[scope]}>
        <Select label="Access" value={scope} options={SCOPES} onChange={(next) => setScope(next as TokenScope)} />
      </Field>
      <Field label="Ends">
        <Select label="Ends" value={end} options={ENDS} onChange={setEnd} />
      </Field>
    </Confirm>
  );
}

/** Shows the text of a token that was just made; only its hash is kept, so there is no second time. */
export function MadeToken({ made, onClose }: { made: NewToken; onClose: () => void }) {
  return (
    <Dialog open firm onClose={onClose} title={`Token ${made.token.name}`} acts={<Button look="main" onClick={onClose}>Done</Button>}>
      <div className={css.made}>
        <p>Copy it now: it is shown this once. Send it as <code>Authorization: Bearer TOKEN</code>.</p>
        <div className={css.token}>
          <code>{made.text}</code> <CopyText text={made.text} label="Copy token" />
        </div>
      </div>
    </Dialog>
  );
}
