// Which columns a list shows.

import { Button } from "./button";
import { Menu, MenuCheck } from "./menu";

interface ColumnPickerProps {
  columns: readonly { id: string; head: string }[];
  shown: readonly string[];
  onChange: (shown: string[]) => void;
}

export function ColumnPicker({ columns, shown, onChange }: ColumnPickerProps) {
  const toggle = (id: string, on: boolean) =>
    onChange(columns.map((each) => each.id).filter((each) => (each === id ? on : shown.includes(each))));
  return (
    <Menu trigger={<Button>Columns</Button>} align="end">
      {columns.map((column) => (
        <MenuCheck key={column.id} checked={shown.includes(column.id)} onChange={(on) => toggle(column.id, on)}>
          {column.head}
        </MenuCheck>
      ))}
    </Menu>
  );
}
