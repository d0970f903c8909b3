// The map on one canvas: drawn again when the fleet, the size or the theme changes.

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { addressOf, keepPool } from "@/parts/ref";
import { WORD_OF } from "@/state/condition";
import { plural } from "@/state/words";
import { drawMap, readColours } from "./draw";
import { findAt, fittingStep, type Found, layOut, type PoolView } from "./layout";
import css from "./topology-page.module.css";

/** Tell of changes of the theme, which are an attribute of the page. */
function subscribeTheme(tell: () => void): () => void {
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

export function FleetMap({ pools }: { pools: readonly PoolView[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const navigate = useNavigate();
  const size = useSize(frame);
  const theme = useSyncExternalStore(subscribeTheme, () => document.documentElement.dataset.theme ?? "");
  const [pointed, setPointed] = useState<Found>();
  const map = useMemo(() => size && layOut(pools, size.width, fittingStep(pools, size.width, size.height)), [pools, size]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || !map) return;
    const scale = devicePixelRatio;
    canvas.current.width = Math.round(map.width * scale);
    canvas.current.height = Math.round(map.height * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawMap(context, map, readColours(canvas.current), pointed?.cell?.id ?? "");
  }, [map, pointed, theme]);
  const at = (event: React.MouseEvent) => map && findAt(map, event.nativeEvent.offsetX, event.nativeEvent.offsetY);
  const open = (event: React.MouseEvent) => {
    const found = at(event);
    const to = found?.cell?.id ? addressOf("container", found.cell.id) : found?.tile.id ? addressOf("host", found.tile.id) : "";
    if (to) void navigate({ to, search: keepPool as never });
  };
  return (
    <>
      <p className={css.told} aria-live="off">{describe(pointed)}</p>
      <div ref={frame} className={css.frame}>
        <canvas
          ref={canvas}
          className={css.canvas}
          role="img"
          aria-label="Map of the fleet. The table has the same as text."
          style={map && { inlineSize: map.width, blockSize: map.height }}
          onPointerMove={(event) => setPointed(at(event))}
          onPointerLeave={() => setPointed(undefined)}
          onClick={open}
        />
      </div>
    </>
  );
}

function describe(found: Found | undefined): string {
  if (!found) return "Point at a cell to read what it is; click to open it.";
  const host = `${found.tile.name}${found.tile.trouble ? `, ${found.tile.trouble}` : ""}`;
  if (!found.cell) return `${host}: ${plural(found.tile.cells.length, "slot")}`;
  return `${found.cell.label}: ${WORD_OF[found.cell.condition]}, on ${host}`;
}

interface Size {
  width: number;
  height: number;
}

function useSize(place: React.RefObject<HTMLElement | null>): Size | undefined {
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    if (!place.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) });
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [place]);
  return size;
}
