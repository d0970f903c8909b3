// A key, as it is written on keyboards.

import css from "./kbd.module.css";

export function Kbd({ keys }: { keys: string }) {
  return <kbd className={css.kbd}>{keys}</kbd>;
}
