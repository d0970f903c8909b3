// The download of a backup, with a passphrase when secrets belong in it.

import { type FormEvent, useState } from "react";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { Field, Input } from "@/parts/field";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { tell } from "@/parts/toast";
import { useSubmit } from "@/parts/use-submit";
import { formatBytes } from "@/state/words";
import css from "./backup.module.css";
import { type Download, readBackup } from "./queries";

export function DownloadPanel() {
  const online = useOnline();
  const [passphrase, setPassphrase] = useState("");
  const { busy, problem, run, dismiss } = useSubmit();
  const download = (event: FormEvent) => {
    event.preventDefault();
    if (busy || !online) return;
    void run(async () => {
      const backup = await readBackup(passphrase);
      save(backup);
      tell(`${backup.name} downloaded`, `${formatBytes(backup.blob.size)}, ${passphrase ? "with" : "without"} secrets`);
    });
  };
  return (
    <Panel title="Download">
      <form className={css.form} onSubmit={download}>
        <Field
          label="Passphrase"
          note="Passwords of registries and webhook tokens are in the file only with a passphrase, encrypted by it. Nobody can read them without it."
        >
          <Input type="password" value={passphrase} autoComplete="new-password" maxLength={1024} placeholder="None: without secrets" onChange={(event) => setPassphrase(event.target.value)} />
        </Field>
        <p className="muted">Volumes and their data are not in it: they stay on the hosts.</p>
        {problem && <ProblemBox problem={problem} onDismiss={dismiss} />}
        <div>
          <Button type="submit" look="main" disabled={busy} reason={online ? undefined : "Offline"}>Download backup</Button>
        </div>
      </form>
    </Panel>
  );
}

/** Hand a file to the browser. */
function save({ name, blob }: Download): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
