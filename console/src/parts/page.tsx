// The frame of every page: one heading, a sentence of state, the acts; panels and their heads.

import { type ReactNode, useEffect } from "react";
import css from "./page.module.css";

interface PageProps {
  title: ReactNode;
  /** Name of the page in the browser's tab. */
  name: string;
  /** One sentence of state. */
  note?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
  /** The page is as high as the window, and its content scrolls inside. */
  fixed?: boolean;
}

export function Page({ title, name, note, acts, children, fixed = false }: PageProps) {
  useEffect(() => {
    document.title = `${name} · Berth`;
  }, [name]);
  return (
    <div className={`${css.page} ${fixed ? css.fixed : ""}`}>
      <header className={css.head}>
        <h1>{title}</h1>
        {note && <p className={css.note}>{note}</p>}
        {acts && <div className={css.acts}>{acts}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Panel({ title, acts, children, className = "" }: PanelProps) {
  return (
    <section className={`${css.panel} ${className}`}>
      {title && (
        <header className={css.panelHead}>
          <h2>{title}</h2>
          {acts}
        </header>
      )}
      {children}
    </section>
  );
}
