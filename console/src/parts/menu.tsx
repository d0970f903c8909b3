// A menu of acts or choices behind a button.

import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import css from "./menu.module.css";

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
}

export function Menu({ trigger, children, align = "start" }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={css.positioner} sideOffset={4} align={align}>
          <Base.Popup className={css.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface MenuItemProps {
  children: ReactNode;
  icon?: ReactNode;
  danger?: boolean;
  /** Why it cannot be chosen now. */
  reason?: string;
  onChoose: () => void;
}

export function MenuItem({ children, icon, danger = false, reason, onChoose }: MenuItemProps) {
  return (
    <Base.Item className={`${css.item} ${danger ? css.danger : ""}`} disabled={Boolean(reason)} title={reason} onClick={onChoose}>
      {icon}
      <span>{children}</span>
      {reason && <span className={css.reason}>{reason}</span>}
    </Base.Item>
  );
}

export function MenuLine() {
  return <Base.Separator className={css.line} />;
}

interface MenuChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of several, with a mark beside what holds. */
export function MenuChoice<Value extends string>({ label, value, options, onChange }: MenuChoiceProps<Value>) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)} aria-label={label}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} className={css.item} closeOnClick>
          <span className={css.mark}>
            <Base.RadioItemIndicator>✓</Base.RadioItemIndicator>
          </span>
          <span>{option.label}</span>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

/** Any of several: columns to show. */
export function MenuCheck({ children, checked, onChange }: { children: ReactNode; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <Base.CheckboxItem className={css.item} checked={checked} onCheckedChange={onChange}>
      <span className={css.mark}>
        <Base.CheckboxItemIndicator>✓</Base.CheckboxItemIndicator>
      </span>
      <span>{children}</span>
    </Base.CheckboxItem>
  );
}
