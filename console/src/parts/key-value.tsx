// Facts about an object: name and value, side by side.

import { Eye, EyeOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "./button";
import { CopyText } from "./copy-text";
import css from "./key-value.module.css";

export interface Fact {
  name: string;
  value: ReactNode;
}

export function KeyValue({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={css.list}>
      {facts.map((fact) => (
        <div key={fact.name} className={css.fact}>
          <dt>{fact.name}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A value that is hidden until it is asked for. */
export function Secret({ value, label }: { value: string; label: string }) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <span className={css.secret}>
      <code>{shown ? value : "••••••••"}</code>
      <IconButton small label={`${shown ? "Hide" : "Show"} ${label}`} icon={<Icon size={14} strokeWidth={1.75} />} onClick={() => setShown(!shown)} />
      <CopyText text={value} label={`Copy ${label}`} />
    </span>
  );
}
