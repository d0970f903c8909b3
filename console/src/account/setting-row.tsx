// One setting: what it means, its value, unit and default.

import { useId } from "react";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Input } from "@/parts/field";
import { Select } from "@/parts/select";
import css from "./account.module.css";
import { type SettingFact, withUnit } from "./setting-facts";

interface SettingRowProps {
  fact: SettingFact;
  kept: number | string;
  /** What was typed; none when it was not touched. */
  text: string | undefined;
  wrong: boolean;
  onChange: (text: string) => void;
}

export function SettingRow({ fact, kept, text, wrong, onChange }: SettingRowProps) {
  const id = useId();
  const shown = text ?? String(kept);
  const isDefault = shown.trim() === String(fact.fallback);
  return (
    <div className={css.setting}>
      <div>
        <p className={css.name}>
          <label htmlFor={id}>{fact.label}</label>
          <code className="muted">{fact.name}</code>
          {kept !== fact.fallback && <Chip>changed</Chip>}
        </p>
        <p className="muted" id={`${id}-meaning`}>{fact.meaning}</p>
      </div>
      <div className={css.value}>
        <span className={css.unit}>
          {fact.choices.length > 0 ? (
            <Select id={id} label={fact.label} value={shown} options={fact.choices.map((value) => ({ value, label: value }))} onChange={onChange} />
          ) : (
            <Input
              id={id}
              value={shown}
              inputMode={typeof fact.fallback === "number" ? "decimal" : undefined}
              aria-invalid={wrong}
              aria-describedby={`${id}-meaning`}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
          {fact.unit && <span className="muted">{fact.unit}</span>}
        </span>
        {wrong && <span className={css.fault}>{typeof fact.fallback === "number" ? "Write a number." : "Write a value."}</span>}
        <span className={css.default}>
          Default: {withUnit(fact, fact.fallback)}
          {!isDefault && <Button look="quiet" onClick={() => onChange(String(fact.fallback))}>Use default</Button>}
        </span>
      </div>
    </div>
  );
}
