// Fields of forms: label, what it is for, what is wrong with it.

import { Field as Base } from "@base-ui/react/field";
import { type ComponentPropsWithRef, type ReactNode } from "react";
import css from "./field.module.css";

interface FieldProps {
  label: ReactNode;
  note?: ReactNode;
  problem?: string;
  children: ReactNode;
}

export function Field({ label, note, problem, children }: FieldProps) {
  return (
    <Base.Root className={css.field} invalid={Boolean(problem)}>
      <Base.Label className={css.label}>{label}</Base.Label>
      {children}
      {note && <Base.Description className={css.note}>{note}</Base.Description>}
      {problem && (
        <Base.Error className={css.problem} match>
          {problem}
        </Base.Error>
      )}
    </Base.Root>
  );
}

/** A line of text; inside a Field it takes label and note from it. */
export function Input({ className = "", ...rest }: ComponentPropsWithRef<"input">) {
  return <Base.Control {...rest} className={`${css.input} ${className}`} />;
}

export function TextArea({ className = "", ...rest }: ComponentPropsWithRef<"textarea">) {
  return <Base.Control render={<textarea {...rest} />} className={`${css.input} ${css.area} ${className}`} />;
}
