// One row: it reads its own record and is drawn again only when that changes.

import { memo, type MouseEvent } from "react";
import { Checkbox } from "./checkbox";
import type { TableProps } from "./table";
import css from "./table.module.css";

interface RowProps {
  id: string;
  index: number;
  start: number;
  active: boolean;
  selected: boolean;
  narrowLayout: boolean;
  table: TableProps<unknown>;
  onActivate: (index: number) => void;
}

export const TableRow = memo(
  function TableRow({ id, index, start, active, selected, narrowLayout, table, onActivate }: RowProps) {
    const row = table.useRow(id);
    const { selection } = table;
    const open = (event: MouseEvent) => {
      // React passes on clicks in menus and dialogs that a row opened: they lie outside of it.
      if (!event.currentTarget.contains(event.target as Node)) return;
      if ((event.target as Element).closest("a, button, input, label")) return;
      if (getSelection()?.isCollapsed !== false) table.onOpen(id);
    };
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selection ? selected : undefined}
        data-row={index}
        tabIndex={active ? 0 : -1}
        className={`${css.row} ${narrowLayout ? css.narrow : ""}`}
        style={{ transform: `translateY(${start}px)` }}
        onClick={open}
        onFocus={() => onActivate(index)}
      >
        {selection && (
          <span role="gridcell" className={css.box}>
            <Checkbox label={`Select ${id}`} checked={selected} onChange={() => selection.toggle(id)} />
          </span>
        )}
        {row !== undefined && <Cells id={id} row={row} narrowLayout={narrowLayout} table={table} />}
      </div>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.index === after.index &&
    before.start === after.start &&
    before.active === after.active &&
    before.selected === after.selected &&
    before.narrowLayout === after.narrowLayout &&
    before.table.columns === after.table.columns &&
    before.table.selection?.toggle === after.table.selection?.toggle,
);

type CellsProps = Pick<RowProps, "id" | "narrowLayout" | "table"> & { row: unknown };

function Cells({ id, row, narrowLayout, table: { columns, narrow, rowActs } }: CellsProps) {
  return (
    <>
      {narrowLayout ? (
        <div role="gridcell" className={css.lines}>
          {narrow(row, id)}
        </div>
      ) : (
        columns.map((column) => (
          <span key={column.id} role="gridcell" className={column.end ? css.end : undefined}>
            {column.cell(row, id)}
          </span>
        ))
      )}
      {rowActs && (
        <span role="gridcell" className={css.rowActs}>
          {rowActs(row, id)}
        </span>
      )}
    </>
  );
}
