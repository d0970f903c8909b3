// A box to tick, and a switch.

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import css from "./checkbox.module.css";

interface CheckboxProps {
  label: string;
  checked: boolean;
  partly?: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** The label is read, not shown: rows of tables show what they are. */
export function Checkbox({ label, checked, partly = false, disabled, onChange }: CheckboxProps) {
  return (
    <Base.Root className={css.box} aria-label={label} checked={checked} indeterminate={partly} disabled={disabled} onCheckedChange={onChange}>
      <Base.Indicator className={css.mark}>
        {partly ? <Minus size={12} strokeWidth={3} /> : <Check size={12} strokeWidth={3} />}
      </Base.Indicator>
    </Base.Root>
  );
}

interface LabelledProps {
  children: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function CheckField({ children, checked, disabled, onChange }: LabelledProps) {
  return (
    <label className={css.field}>
      <Base.Root className={css.box} checked={checked} disabled={disabled} onCheckedChange={onChange}>
        <Base.Indicator className={css.mark}>
          <Check size={12} strokeWidth={3} />
        </Base.Indicator>
      </Base.Root>
      <span>{children}</span>
    </label>
  );
}

export function Switch({ children, checked, disabled, onChange }: LabelledProps) {
  return (
    <label className={css.field}>
      <BaseSwitch.Root className={css.switch} checked={checked} disabled={disabled} onCheckedChange={onChange}>
        <BaseSwitch.Thumb className={css.thumb} />
      </BaseSwitch.Root>
      <span>{children}</span>
    </label>
  );
}
