// A new key: name and value; a key that is there already is not overwritten.

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem } from "@/api/problem";
import { Button } from "@/parts/button";
import { Dialog } from "@/parts/dialog";
import { Field, Input, TextArea } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { tell } from "@/parts/toast";
import { useSubmit } from "@/parts/use-submit";
import css from "./discovery.module.css";
import { foldersOf, isPlatform } from "./key-tree";
import { writeKey } from "./queries";

interface NewKeyProps {
  /** The key that is shown: the new one is proposed in the same folder. */
  near: string;
  onClose: () => void;
  onMade: (name: string) => void;
}

export function NewKey({ near, onClose, onMade }: NewKeyProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(isPlatform(near) ? "" : (foldersOf(near).at(-1) ?? ""));
  const [value, setValue] = useState("");
  const { busy, problem, run, dismiss } = useSubmit();
  const ready = name.trim() !== "";
  const make = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready || busy) return;
    const key = name.trim();
    const made = await run(async () => {
      if (await writeKey(key, new TextEncoder().encode(value), 0)) return;
      throw new Problem(409, [{ code: "key_in_use", message: `There is a key ${key} already.` }]);
    });
    if (!made) return;
    await queries.invalidateQueries({ queryKey: ["keys"] });
    tell(`Key ${key} created`);
    onMade(key);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="New key"
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={busy} reason={ready ? undefined : "Write a name"} onClick={() => void make()}>Create key</Button>
        </>
      }
    >
      <form className={css.plain} onSubmit={(event) => void make(event)}>
        <Field label="Name" note="Parts are divided by “/”: shop/limits/orders">
          <Input className="mono" value={name} autoComplete="off" spellCheck={false} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Value">
          <TextArea value={value} rows={8} spellCheck={false} onChange={(event) => setValue(event.target.value)} />
        </Field>
        {problem && <ProblemBox problem={problem} onDismiss={dismiss} />}
      </form>
    </Dialog>
  );
}
