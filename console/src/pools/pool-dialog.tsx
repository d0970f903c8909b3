// A new pool, or the name, description and tags of one.

import { useState } from "react";
import type { Pool } from "@/live/records";
import { Confirm } from "@/parts/confirm";
import { Field, Input } from "@/parts/field";
import { readTags, writeTags } from "@/state/tags";
import { changePool, createPool } from "./pool-acts";

interface Texts {
  name: string;
  description: string;
  tags: string;
}

const textsOf = (pool?: Pool): Texts =>
  pool ? { name: pool.name, description: pool.description, tags: writeTags(pool.tags) } : { name: "", description: "", tags: "" };

export function PoolDialog({ pool, onClose }: { pool?: Pool; onClose: () => void }) {
  const [id, setId] = useState("");
  const [{ name, description, tags }, setTexts] = useState(() => textsOf(pool));
  const change = (texts: Partial<Texts>) => setTexts({ name, description, tags, ...texts });
  const values = { name: name.trim(), description: description.trim(), tags: readTags(tags) };
  const form = pool
    ? { title: `Edit ${pool.name}`, verb: "Save", complete: values.name !== "", onConfirm: () => changePool(pool, values) }
    : { title: "New pool", verb: "Create pool", complete: id.trim() !== "", onConfirm: () => createPool(id.trim(), values) };
  return (
    <Confirm open onClose={onClose} {...form}>
      {!pool && (
        <Field label="Id" note="Deployments and agents name the pool by it. It stays as it is.">
          <Input value={id} autoComplete="off" className="mono" onChange={(event) => setId(event.target.value)} />
        </Field>
      )}
      <Field label="Name" note={pool ? undefined : "The id if left empty."}>
        <Input value={name} autoComplete="off" onChange={(event) => change({ name: event.target.value })} />
      </Field>
      <Field label="Description">
        <Input value={description} autoComplete="off" onChange={(event) => change({ description: event.target.value })} />
      </Field>
      <Field label="Tags" note="Separate them by commas. New ones are made.">
        <Input value={tags} autoComplete="off" className="mono" onChange={(event) => change({ tags: event.target.value })} />
      </Field>
    </Confirm>
  );
}
