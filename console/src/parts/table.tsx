// The table of every list: virtual rows that draw themselves, sorted, selected and walked by key.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef, useState } from "react";
import { plural } from "@/state/words";
import { Button } from "./button";
import { useHeldOrder } from "./held-order";
import { useNarrow } from "./layout";
import css from "./table.module.css";
import { TableHead } from "./table-head";
import { TableRow } from "./table-row";
import { useTableKeys } from "./table-keys";
import type { Selection } from "./selection";

export interface Column<Row> {
  id: string;
  head: string;
  /** Track of the grid: "120px", "minmax(120px, 2fr)". */
  width: string;
  end?: boolean;
  sortable?: boolean;
  cell: (row: Row, id: string) => ReactNode;
}

export interface Sort {
  by: string;
  down: boolean;
}

export interface TableProps<Row> {
  label: string;
  ids: readonly string[];
  columns: readonly Column<Row>[];
  /** A hook that returns the row of an id, so that each row draws itself. */
  useRow: (id: string) => Row | undefined;
  sort: Sort;
  onSort: (sort: Sort) => void;
  /** Filter and sort in one text: when it changes, the new order shows at once. */
  scope: string;
  onOpen: (id: string) => void;
  selection?: Selection;
  /** The two lines of a row on a phone. */
  narrow: (row: Row, id: string) => ReactNode;
  /** Acts of a row, shown at its end. */
  rowActs?: (row: Row, id: string) => ReactNode;
}

/** Space between columns, and at both edges of a row. */
const GAP_PX = 16;
const EDGE_PX = 14;

/** Return the width below which the table scrolls sideways: the least of every column. */
export function leastWidth(widths: readonly string[]): number {
  const columns = widths.map((width) => Number(/(\d+)px/.exec(width)?.[1] ?? 0));
  return columns.reduce((sum, width) => sum + width + GAP_PX, 2 * EDGE_PX - GAP_PX);
}

const ROW_PX = 32;
const NARROW_ROW_PX = 60;

export function Table<Row>(props: TableProps<Row>) {
  const { ids: wanted, columns, scope, selection } = props;
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const { ids, moved } = useHeldOrder(wanted, (pointed || focused) && !narrow, scope);
  const rowPx = narrow ? NARROW_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
    getItemKey: (index) => ids[index] ?? index,
  });
  const keys = useTableKeys({ ids, virtual, selection, onOpen: props.onOpen });
  const widths = [selection && "40px", ...columns.map((each) => each.width), props.rowActs && "44px"].filter((each) => typeof each === "string");
  return (
    <div
      className={css.table}
      role="grid"
      aria-label={props.label}
      aria-rowcount={ids.length + 1}
      aria-multiselectable={selection ? true : undefined}
      style={{ "--tracks": widths.join(" "), "--least": `${leastWidth(widths)}px`, "--row-px": `${rowPx}px` } as React.CSSProperties}
    >
      {moved > 0 && (
        <Button className={css.moved} onClick={() => { setPointed(false); setFocused(false); }}>
          {plural(moved, "row")} changed order
        </Button>
      )}
      <div
        ref={scroller}
        className={css.scroller}
        role="presentation"
        onPointerEnter={() => setPointed(true)}
        onPointerLeave={() => setPointed(false)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={keys.onKeyDown}
      >
        {!narrow && <TableHead {...props} ids={ids} />}
        <div role="rowgroup" className={css.body} style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const id = ids[item.index];
            return id === undefined ? null : (
              <TableRow
                key={id}
                id={id}
                index={item.index}
                start={item.start}
                active={keys.active === item.index}
                selected={selection?.has(id) ?? false}
                narrowLayout={narrow}
                table={props as TableProps<unknown>}
                onActivate={keys.activate}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
