// Asks before an act: a short form, or what is lost, and a name to type when data goes.

import { type ReactNode, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { Button } from "./button";
import css from "./confirm.module.css";
import { Dialog } from "./dialog";
import { Field, Input } from "./field";
import { ProblemBox } from "./problem-box";

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What happens, and what stays. */
  children: ReactNode;
  /** The verb on the button. */
  verb: string;
  /** Must be typed first; only for what destroys data. */
  typed?: string;
  /** Whether the form inside can be sent. */
  complete?: boolean;
  onConfirm: () => Promise<unknown>;
}

export function Confirm({ open, onClose, title, children, verb, typed, complete = true, onConfirm }: ConfirmProps) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const ready = !busy && complete && (!typed || text === typed);
  const confirm = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      setText("");
      onClose();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={!ready} onClick={() => void confirm()}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className={css.body}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void confirm();
        }}
      >
        {children}
        {typed && (
          <Field label={`Type ${typed} to confirm`}>
            <Input value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
          </Field>
        )}
        {problem && <ProblemBox problem={problem} />}
      </form>
    </Dialog>
  );
}
