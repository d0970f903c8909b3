// A new entry of the catalog, or a change of one.

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/parts/button";
import { Sheet } from "@/parts/dialog";
import { Field, Input } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { tell } from "@/parts/toast";
import { useSubmit } from "@/parts/use-submit";
import css from "./discovery.module.css";
import { type Entry, registerEntry } from "./queries";

interface EntrySheetProps {
  /** None for a new one. */
  entry?: Entry;
  onClose: () => void;
  onSaved?: (service: string) => void;
}

function textsOf(entry: Entry | undefined) {
  if (!entry) return { Service: "", Address: "", Port: "", Tags: "", ID: "" };
  return { Service: entry.Service, Address: entry.Address, Port: entry.Port ? String(entry.Port) : "", Tags: entry.Tags.join(", "), ID: entry.ID };
}

function readEntry(texts: ReturnType<typeof textsOf>): Entry {
  const service = texts.Service.trim();
  const tags = texts.Tags.split(",").map((tag) => tag.trim()).filter(Boolean);
  return { ID: texts.ID.trim() || service, Service: service, Address: texts.Address.trim(), Port: Number(texts.Port), Tags: tags };
}

export function EntrySheet({ entry, onClose, onSaved }: EntrySheetProps) {
  const queries = useQueryClient();
  const { busy, problem, run, dismiss } = useSubmit();
  const [texts, setTexts] = useState(() => textsOf(entry));
  const ready = texts.Service.trim() !== "" && texts.Address.trim() !== "" && /^\d*$/.test(texts.Port.trim());
  const save = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready || busy) return;
    const next = readEntry(texts);
    if (!(await run(() => registerEntry(next)))) return;
    await queries.invalidateQueries({ queryKey: ["catalog"] });
    tell(`Entry ${next.ID} saved`);
    onSaved?.(next.Service);
    onClose();
  };
  const field = (name: keyof typeof texts, label: string, note?: string, fixed = false) => (
    <Field label={label} note={note}>
      <Input className="mono" value={texts[name]} disabled={fixed} autoComplete="off" spellCheck={false} onChange={(event) => setTexts({ ...texts, [name]: event.target.value })} />
    </Field>
  );
  return (
    <Sheet
      open
      onClose={onClose}
      title={entry ? `Edit ${entry.ID}` : "New catalog entry"}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={busy} reason={ready ? undefined : "It needs a service, an address and a port in digits"} onClick={() => void save()}>Save entry</Button>
        </>
      }
    >
      <form className={css.form} onSubmit={(event) => void save(event)}>
        {field("Service", "Service", "The name that lookups ask for.")}
        {field("Address", "Address", "An IPv4 or IPv6 address.")}
        {field("Port", "Port")}
        {field("Tags", "Tags", "Separated by commas.")}
        {field("ID", "Id", "Names this entry; the service's name when it is empty.", Boolean(entry))}
        {problem && <ProblemBox problem={problem} onDismiss={dismiss} />}
        <button type="submit" hidden />
      </form>
    </Sheet>
  );
}
