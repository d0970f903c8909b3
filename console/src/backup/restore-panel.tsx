// Restore: choose a file, see the list of changes, then carry it out.

import { useRef, useState } from "react";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { CheckField } from "@/parts/checkbox";
import { Confirm } from "@/parts/confirm";
import { Field, Input } from "@/parts/field";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Select } from "@/parts/select";
import { useSubmit } from "@/parts/use-submit";
import { formatBytes, plural } from "@/state/words";
import css from "./backup.module.css";
import { ChangeList } from "./change-list";
import { type Change, type Imported, restoreBackup, type RestoreWish } from "./queries";

const MODES = [
  { value: "merge", label: "Merge: keep what is not in the file" },
  { value: "replace", label: "Replace: remove what is not in the file" },
];

export function RestorePanel() {
  const [file, setFile] = useState<File>();
  const [options, setOptions] = useState<Omit<RestoreWish, "file">>({ mode: "merge", start: false, passphrase: "" });
  const [planned, setPlanned] = useState<Imported>();
  const [done, setDone] = useState<Imported>();
  const [asking, setAsking] = useState(false);
  const { busy, problem, run, dismiss } = useSubmit();
  /** A list holds for the file and options that it was made of. */
  const change = (part: Partial<typeof options>) => {
    setOptions({ ...options, ...part });
    setPlanned(undefined);
  };
  const choose = (next: File | undefined) => {
    setFile(next);
    setPlanned(undefined);
    setDone(undefined);
    dismiss();
  };
  const list = () => {
    if (!file) return;
    setDone(undefined);
    void run(async () => setPlanned(await restoreBackup({ file, ...options }, true)));
  };
  const restore = async () => {
    if (!file) return;
    setDone(await restoreBackup({ file, ...options }, false));
    setPlanned(undefined);
  };
  return (
    <Panel title="Restore">
      <div className={css.form}>
        <FileChoice file={file} onChoose={choose} />
        <div className={css.options}>
          <div className={css.mode}>
            <span className="muted">Mode</span>
            <Select label="Mode" value={options.mode} options={MODES} onChange={(mode) => change({ mode: mode as RestoreWish["mode"] })} />
          </div>
          <Field label="Passphrase" note="Without it, secrets of the file are left out.">
            <Input type="password" value={options.passphrase} autoComplete="off" maxLength={1024} onChange={(event) => change({ passphrase: event.target.value })} />
          </Field>
        </div>
        <CheckField checked={options.start} onChange={(start) => change({ start })}>Start the deployments that are restored</CheckField>
        {problem && <ProblemBox problem={problem} title="List changes" onRetry={list} onDismiss={dismiss} />}
        <Acts file={file} planned={planned} busy={busy} onList={list} onRestore={() => setAsking(true)} />
      </div>
      {planned && <ChangeList answer={planned} />}
      {done && <Done answer={done} />}
      {planned && file && <ConfirmRestore open={asking} name={file.name} changes={planned.changes ?? []} onClose={() => setAsking(false)} onConfirm={restore} />}
    </Panel>
  );
}

function FileChoice({ file, onChoose }: { file: File | undefined; onChoose: (file: File | undefined) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div className={css.file}>
      <Button onClick={() => picker.current?.click()}>Choose file</Button>
      <span className={file ? "mono" : "muted"}>{file ? `${file.name}, ${formatBytes(file.size)}` : "No file chosen"}</span>
      <input ref={picker} type="file" hidden aria-label="Backup file" onChange={(event) => onChoose(event.target.files?.[0])} />
    </div>
  );
}

interface ActsProps {
  file: File | undefined;
  planned: Imported | undefined;
  busy: boolean;
  onList: () => void;
  onRestore: () => void;
}

function Acts({ file, planned, busy, onList, onRestore }: ActsProps) {
  const online = useOnline();
  const reason = online ? undefined : "Offline";
  return (
    <div className={css.acts}>
      <Button look={planned ? "plain" : "main"} disabled={busy} reason={file ? reason : "Choose a file first"} onClick={onList}>List changes</Button>
      {planned && <Button look="main" reason={planned.changes?.length ? reason : "There is nothing to change"} onClick={onRestore}>Restore</Button>}
    </div>
  );
}

interface ConfirmRestoreProps {
  open: boolean;
  name: string;
  changes: readonly Change[];
  onClose: () => void;
  onConfirm: () => Promise<void>;
}

function ConfirmRestore({ open, name, changes, onClose, onConfirm }: ConfirmRestoreProps) {
  const removed = changes.filter((each) => each.action === "remove").length;
  return (
    <Confirm open={open} onClose={onClose} title={`Restore ${name}?`} verb="Restore" typed={removed > 0 ? "restore" : undefined} onConfirm={onConfirm}>
      <p>{plural(changes.length, "object")} {changes.length === 1 ? "is" : "are"} changed: all of it or nothing.</p>
      {removed > 0 && <p>{plural(removed, "object")} not in the file {removed === 1 ? "is" : "are"} removed.</p>}
    </Confirm>
  );
}

function Done({ answer }: { answer: Imported }) {
  const counts = Object.entries(answer.imported).filter(([, count]) => count > 0);
  return (
    <div className={css.done} role="status">
      <p>Restored: {counts.length ? counts.map(([kind, count]) => `${kind.replaceAll("_", " ")} ${count}`).join(", ") : "nothing was to change"}.</p>
      <ChangeList answer={answer} />
    </div>
  );
}
