// The value of a key as text to change; bytes that are no text are shown in hexadecimal and replaced by a file.

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { tell } from "@/parts/toast";
import { useSubmit } from "@/parts/use-submit";
import css from "./discovery.module.css";
import { bytesOf, hexOf, jsonFault, textOf } from "./key-tree";
import { type KeyPair, readKey, writeKey } from "./queries";

const Diff = lazy(() => import("@/parts/editor/diff").then((it) => ({ default: it.Diff })));

interface Draft {
  text: string;
  /** Index that it began with, so that a write of somebody else is noticed. */
  since: number;
}

/** The draft of a value, and how it is saved. */
function useDraft(pair: KeyPair) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>();
  const { busy, problem, run, dismiss } = useSubmit();
  const save = (value: Uint8Array<ArrayBuffer>, since: number) =>
    run(async () => {
      const written = await writeKey(pair.Key, value, since);
      queries.setQueryData(["keys", "pair", pair.Key], await readKey(pair.Key));
      if (!written) return;
      setDraft(undefined);
      tell(`Key ${pair.Key} saved`);
    });
  return { draft, setDraft, busy, problem, dismiss, save };
}

export function ValueEditor({ pair, fixed }: { pair: KeyPair; fixed: boolean }) {
  const { draft, setDraft, busy, problem, dismiss, save } = useDraft(pair);
  const bytes = bytesOf(pair.Value);
  const kept = textOf(bytes);
  const theirs = kept ?? hexOf(bytes);
  const { text, since } = draft ?? { text: theirs, since: pair.ModifyIndex };
  const binary = kept === undefined && !draft;
  const overtaken = since !== pair.ModifyIndex;
  return (
    <div className={css.form}>
      {binary ? (
        <pre className={css.hex} tabIndex={0} aria-label="Value in hexadecimal">{theirs}</pre>
      ) : (
        <TextArea
          className={css.value}
          aria-label={`Value of ${pair.Key}`}
          value={text}
          readOnly={fixed}
          spellCheck={false}
          rows={14}
          onChange={(event) => setDraft({ text: event.target.value, since })}
        />
      )}
      {!binary && <JsonFault text={text} />}
      {problem && <ProblemBox problem={problem} onDismiss={dismiss} />}
      {overtaken && (
        <Overtaken
          theirs={theirs}
          mine={text}
          onTheirs={() => setDraft(undefined)}
          onMine={() => setDraft({ text, since: pair.ModifyIndex })}
        />
      )}
      {!fixed && !overtaken && (
        <SaveBar
          busy={busy}
          changed={text !== theirs}
          onSave={() => void save(new TextEncoder().encode(text), pair.ModifyIndex)}
          onDiscard={() => setDraft(undefined)}
          onFile={(file) => void file.arrayBuffer().then((content) => save(new Uint8Array(content), pair.ModifyIndex))}
        />
      )}
    </div>
  );
}

function JsonFault({ text }: { text: string }) {
  const fault = jsonFault(text);
  return fault ? <p className={css.fault}>This looks like JSON and is not: {fault}</p> : null;
}

interface OvertakenProps {
  theirs: string;
  mine: string;
  onTheirs: () => void;
  onMine: () => void;
}

function Overtaken({ theirs, mine, onTheirs, onMine }: OvertakenProps) {
  return (
    <div className={css.overtaken} role="alert">
      <p>Somebody else wrote this key meanwhile. Compare, then keep one of the two.</p>
      <Suspense fallback={<Skeleton rows={3} />}>
        <Diff before={theirs} after={mine} beforeLabel="Theirs, in force" afterLabel="Yours, not saved" />
      </Suspense>
      <div className={css.acts}>
        <Button onClick={onTheirs}>Keep theirs</Button>
        <Button look="main" onClick={onMine}>Go on with mine</Button>
      </div>
    </div>
  );
}

interface SaveBarProps {
  busy: boolean;
  changed: boolean;
  onSave: () => void;
  onDiscard: () => void;
  onFile: (file: File) => void;
}

function SaveBar({ busy, changed, onSave, onDiscard, onFile }: SaveBarProps) {
  const online = useOnline();
  const picker = useRef<HTMLInputElement>(null);
  const reason = online ? undefined : "Offline";
  const choose = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = "";
    if (file) onFile(file);
  };
  return (
    <div className={css.acts}>
      <Button look="main" disabled={busy} reason={changed ? reason : "Nothing changed"} onClick={onSave}>Save value</Button>
      {changed && <Button onClick={onDiscard}>Discard</Button>}
      <Button disabled={busy} reason={reason} onClick={() => picker.current?.click()}>Replace by a file</Button>
      <input ref={picker} type="file" hidden aria-label="File with the new value" onChange={(event) => choose(event.target)} />
    </div>
  );
}
