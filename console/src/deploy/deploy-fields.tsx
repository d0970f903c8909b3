// The left side of Deploy and Change: name, pool, a number for each service.

import type { ReactNode } from "react";
import { useDerived } from "@/live/hooks";
import { Field, Input } from "@/parts/field";
import type { ServiceChange } from "@/parts/plan/plan";
import { NumberField, Select } from "@/parts/select";
import { compareNames } from "@/state/order";
import type { DeployDraft } from "./deploy-body";
import css from "./deploy.module.css";

interface FieldsProps {
  draft: DeployDraft;
  onChange: (changes: Partial<DeployDraft>) => void;
  name: string;
  nameNote?: ReactNode;
  placeholder?: string;
  pool: string;
  /** As the last plan tells them; none before there was one. */
  services: readonly ServiceChange[];
}

export function DeployFields({ draft, onChange, name, nameNote, placeholder, pool, services }: FieldsProps) {
  const pools = useDerived(["pool"], (store) => [...store.all("pool").values()].sort((a, b) => compareNames(a.name, b.name)), []);
  const options = pools.map((each) => ({ value: each.id, label: `${each.name} (${each.active_hosts} of ${each.total_hosts} hosts active)` }));
  return (
    <div className={css.fields}>
      <Field label="Name" note={nameNote}>
        <Input value={name} placeholder={placeholder} maxLength={256} autoComplete="off" onChange={(event) => onChange({ name: event.target.value })} />
      </Field>
      <div className={css.labelled}>
        <span className={css.label}>Pool</span>
        <Select label="Pool" value={pool} options={options} onChange={(next) => onChange({ pool: next })} />
      </div>
      <Numbers draft={draft} services={services} onChange={(quantities) => onChange({ quantities })} />
    </div>
  );
}

interface NumbersProps {
  draft: DeployDraft;
  services: readonly ServiceChange[];
  onChange: (quantities: DeployDraft["quantities"]) => void;
}

function Numbers({ draft, services, onChange }: NumbersProps) {
  const there = services.filter((each) => each.change !== "removed");
  if (there.length === 0) return null;
  return (
    <div className={css.wide}>
      <span className={css.label}>Slots of each service</span>
      <ul className={css.numbers}>
        {there.map(({ service_id: id, quantity }) => (
          <li key={id}>
            <span className={css.service}>{id}</span>
            <NumberField
              label={`Slots of ${id}`}
              value={draft.quantities[id] ?? quantity}
              max={10_000}
              onChange={(count) => onChange({ ...draft.quantities, [id]: count })}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
