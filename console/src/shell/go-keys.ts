// `g` and a letter goes to a page; `,` and `;` go along the tabs.

import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useKeys } from "@/parts/keys";
import { keepPool } from "@/parts/ref";
import { PLACES } from "./places";

const LETTER_MS = 1500;

/** Press the tab beside the current one. */
function stepTab(step: number): void {
  const tabs = [...document.querySelectorAll<HTMLElement>("[data-tabs] a")];
  const current = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
  tabs[(current + step + tabs.length) % tabs.length]?.click();
}

export function useGoKeys(): void {
  const navigate = useNavigate();
  const asked = useRef(0);
  const go = PLACES.flatMap(({ key, to }) => (key ? [{ key, to }] : []));
  useKeys([
    {
      key: "g",
      label: "Go to a page: g, then its letter",
      run: () => {
        asked.current = Date.now();
        const listen = (event: KeyboardEvent) => {
          removeEventListener("keydown", listen, true);
          const found = go.find((each) => each.key === event.key);
          if (!found || Date.now() - asked.current > LETTER_MS) return;
          event.preventDefault();
          event.stopPropagation();
          void navigate({ to: found.to, search: keepPool as never });
        };
        addEventListener("keydown", listen, true);
      },
    },
    { key: ",", label: "Previous tab", run: () => stepTab(-1) },
    { key: ";", label: "Next tab", run: () => stepTab(1) },
  ]);
}
