// One of a few, or one of many found by typing.

import { Combobox as BaseCombobox } from "@base-ui/react/combobox";
import { NumberField as BaseNumber } from "@base-ui/react/number-field";
import { Select as Base } from "@base-ui/react/select";
import { ChevronDown, Minus, Plus } from "lucide-react";
import css from "./select.module.css";
import menu from "./menu.module.css";

export interface Option {
  value: string;
  label: string;
  /** Why it cannot be chosen. */
  reason?: string;
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  disabled?: boolean;
  /** For a label outside. */
  id?: string;
}

export function Select({ label, value, options, onChange, disabled, id }: SelectProps) {
  return (
    <Base.Root items={options} value={value} disabled={disabled} onValueChange={(next) => next !== null && onChange(next)}>
      <Base.Trigger id={id} className={css.trigger} aria-label={label}>
        <Base.Value />
        <Base.Icon className={css.icon}>
          <ChevronDown size={14} strokeWidth={1.75} />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={menu.positioner} sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className={menu.popup}>
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} disabled={Boolean(option.reason)} className={menu.item} title={option.reason}>
                <span className={menu.mark}>
                  <Base.ItemIndicator>✓</Base.ItemIndicator>
                </span>
                <Base.ItemText>{option.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface ComboboxProps {
  label: string;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
  placeholder?: string;
}

/** A text with proposals; any text may be typed. */
export function Combobox({ label, value, options, onChange, placeholder }: ComboboxProps) {
  return (
    <BaseCombobox.Root items={options as string[]} inputValue={value} onInputValueChange={onChange} autoHighlight={false}>
      <BaseCombobox.Input className={css.input} aria-label={label} placeholder={placeholder} />
      <BaseCombobox.Portal>
        <BaseCombobox.Positioner className={menu.positioner} sideOffset={4}>
          <BaseCombobox.Popup className={menu.popup}>
            <BaseCombobox.List>
              {(option: string) => (
                <BaseCombobox.Item key={option} value={option} className={menu.item}>
                  {option}
                </BaseCombobox.Item>
              )}
            </BaseCombobox.List>
          </BaseCombobox.Popup>
        </BaseCombobox.Positioner>
      </BaseCombobox.Portal>
    </BaseCombobox.Root>
  );
}

interface NumberFieldProps {
  label: string;
  value: number;
  min?: number;
  max?: number;
  onChange: (value: number) => void;
}

export function NumberField({ label, value, min = 0, max, onChange }: NumberFieldProps) {
  return (
    <BaseNumber.Root value={value} min={min} max={max} onValueChange={(next) => next !== null && onChange(next)}>
      <BaseNumber.Group className={css.number}>
        <BaseNumber.Decrement className={css.step} aria-label={`Fewer: ${label}`}>
          <Minus size={14} strokeWidth={1.75} />
        </BaseNumber.Decrement>
        <BaseNumber.Input className={css.digits} aria-label={label} />
        <BaseNumber.Increment className={css.step} aria-label={`More: ${label}`}>
          <Plus size={14} strokeWidth={1.75} />
        </BaseNumber.Increment>
      </BaseNumber.Group>
    </BaseNumber.Root>
  );
}
