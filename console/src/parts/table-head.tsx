// The head of a table: columns that sort, and the box that selects all.

import { ArrowDown, ArrowUp } from "lucide-react";
import { Checkbox } from "./checkbox";
import type { Column, TableProps } from "./table";
import css from "./table.module.css";

export function TableHead<Row>({ columns, selection, sort, onSort, ids, rowActs }: TableProps<Row>) {
  const all = selection !== undefined && ids.length > 0 && selection.count >= ids.length;
  return (
    <div role="rowgroup" className={css.headGroup}>
      <div role="row" className={css.head} aria-rowindex={1}>
        {selection && (
          <span role="columnheader" className={css.box}>
            <Checkbox
              label="Select all"
              checked={all}
              partly={!all && selection.count > 0}
              onChange={(on) => selection.setAll(on ? ids : [])}
            />
          </span>
        )}
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
        {rowActs && <span role="columnheader"><span className="visually-hidden">Actions</span></span>}
      </div>
    </div>
  );
}

type HeadCellProps<Row> = Pick<TableProps<Row>, "sort" | "onSort"> & { column: Column<Row> };

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const sorted = sort.by === column.id;
  const Arrow = sort.down ? ArrowDown : ArrowUp;
  const direction = sort.down ? "descending" : "ascending";
  return (
    <span role="columnheader" aria-sort={sorted ? direction : undefined} className={column.end ? css.end : undefined}>
      {column.sortable === false ? (
        column.head
      ) : (
        <button
          type="button"
          className={css.sort}
          onClick={() => onSort({ by: column.id, down: sorted ? !sort.down : false })}
        >
          {column.head}
          {sorted && <Arrow size={13} strokeWidth={2} aria-hidden="true" />}
        </button>
      )}
    </span>
  );
}
