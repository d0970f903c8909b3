// Search and commands: names from the cache at once, texts from the manager a moment later.

import { Dialog as Base } from "@base-ui/react/dialog";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { useDerived } from "@/live/hooks";
import { Kbd } from "@/parts/kbd";
import { keepPool } from "@/parts/ref";
import { usePool } from "@/parts/search";
import css from "./palette.module.css";
import { findHits, type Hit } from "./palette-hits";
import { useFoundTexts } from "./palette-texts";

export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const navigate = useNavigate();
  const pool = usePool();
  const names = useDerived(["deployment", "host", "container", "pool"], (store) => findHits(store, text, pool), [text, pool]);
  const texts = useFoundTexts(text);
  const hits = [...names, ...texts.filter((hit) => !names.some((each) => each.to === hit.to))];
  const open = (hit: Hit, elsewhere: boolean) => {
    if (elsewhere) window.open(hit.to, "_blank", "noopener");
    else if (hit.to.includes("?")) void navigate({ href: hit.to });
    else void navigate({ to: hit.to, search: keepPool as never });
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const hit = hits[active];
    if (step && hits.length) setActive((active + step + hits.length) % hits.length);
    else if (event.key === "Enter" && hit) open(hit, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  return (
    <Base.Root open onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={css.popup}>
          <Base.Title className="visually-hidden">Search or run a command</Base.Title>
          <input
            className={css.input}
            autoFocus
            role="combobox"
            aria-expanded
            aria-controls="palette-hits"
            aria-activedescendant={hits[active] ? `hit-${active}` : undefined}
            placeholder="Search deployments, hosts, containers, texts…"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
          />
          <ul id="palette-hits" role="listbox" className={css.hits} aria-label="Results">
            {hits.map((hit, index) => (
              <Row key={hit.to + hit.name} hit={hit} index={index} active={index === active} onOpen={open} />
            ))}
          </ul>
          {text && hits.length === 0 && <p className={css.none}>Nothing is called “{text}”.</p>}
          <footer className={css.foot}>
            <Kbd keys="d" /> deployments <Kbd keys="h" /> hosts <Kbd keys="c" /> containers <Kbd keys=">" /> commands
          </footer>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

interface RowProps {
  hit: Hit;
  index: number;
  active: boolean;
  onOpen: (hit: Hit, elsewhere: boolean) => void;
}

function Row({ hit, index, active, onOpen }: RowProps) {
  return (
    <li
      id={`hit-${index}`}
      role="option"
      aria-selected={active}
      className={css.hit}
      ref={(row) => {
        if (active) row?.scrollIntoView({ block: "nearest" });
      }}
      onClick={(event) => onOpen(hit, event.ctrlKey || event.metaKey)}
    >
      <span className={css.kind}>{hit.kind}</span>
      <span className={css.name}>{hit.name}</span>
      <span className={css.note}>{hit.note}</span>
    </li>
  );
}

