// Tabs that are addresses: each is a link, so a tab can be shared, reloaded and opened again.

import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import css from "./tabs.module.css";
import { keepPool } from "./ref";

export interface Tab {
  label: string;
  /** Address of the tab. */
  to: string;
  count?: number;
}

export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    bar.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <nav ref={bar} className={css.tabs} aria-label={label} data-tabs>
      {tabs.map((tab) => (
        <Link
          key={tab.to}
          to={tab.to}
          search={keepPool}
          className={css.tab}
          aria-current={tab.to.endsWith(`/${current}`) ? "page" : undefined}
        >
          {tab.label}
          {tab.count !== undefined && <span className={css.count}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
