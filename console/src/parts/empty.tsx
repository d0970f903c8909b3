// What a list says when there is nothing in it: what would be here, and the one act that brings it.

import type { ReactNode } from "react";
import { Button } from "./button";
import css from "./empty.module.css";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** Buttons or links. */
  acts?: ReactNode;
}

export function Empty({ title, children, acts }: EmptyProps) {
  return (
    <div className={css.empty}>
      <p className={css.title}>{title}</p>
      {children && <div className={css.text}>{children}</div>}
      {acts && <div className={css.acts}>{acts}</div>}
    </div>
  );
}

/** What a filtered list says when nothing passes. */
export function NoMatch({ sentence, onClear }: { sentence: string; onClear: () => void }) {
  return <Empty title={sentence} acts={<Button onClick={onClear}>Clear filter</Button>} />;
}
