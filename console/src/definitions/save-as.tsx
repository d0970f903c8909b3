// Saves a text under a name: a new definition, or a copy of one.

import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import type { Definition } from "@/live/records";
import { Button } from "@/parts/button";
import { Dialog } from "@/parts/dialog";
import { Field, Input } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { createDefinition } from "./definition-acts";
import type { DefinitionKind } from "./kinds";

interface SaveAsProps {
  kind: DefinitionKind;
  text: string;
  /** The name to begin with. */
  name: string;
  title: string;
  onClose: () => void;
  onSaved: (definition: Definition) => void;
}

export function SaveAs({ kind, text, name: first, title, onClose, onSaved }: SaveAsProps) {
  const [name, setName] = useState(first);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const ready = name.trim() !== "" && !busy;
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      onSaved(await createDefinition(kind, name.trim(), text));
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={!ready} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void save();
        }}
      >
        <Field label="Name" note="Letters, digits, dots, dashes and underscores. Nothing is deployed.">
          <Input value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        </Field>
        {problem && <ProblemBox problem={problem} />}
      </form>
    </Dialog>
  );
}
