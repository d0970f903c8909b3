// All keys that work on this page.

import { Dialog } from "@/parts/dialog";
import { CheckField } from "@/parts/checkbox";
import { Kbd } from "@/parts/kbd";
import { currentKeys } from "@/parts/keys";
import { usePreference } from "@/parts/preference";
import css from "./keys-dialog.module.css";
import { PLACES } from "./places";

const LIST_KEYS: readonly [string, string][] = [
  ["j k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["x", "Select the row"],
  ["Shift x", "Select to here"],
  ["/", "Filter the list"],
  [", ;", "Previous and next tab"],
];

export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [letters, setLetters] = usePreference("letters", "on");
  const goTo = PLACES.filter((place) => place.key).map((place): [string, string] => [`g ${place.key}`, place.label]);
  const page = currentKeys().map((each): [string, string] => [each.key.replace("+", " "), each.label]);
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" wide>
      <div className={css.columns}>
        <Keys title="This page" keys={page} />
        <Keys title="Lists" keys={LIST_KEYS} />
        <Keys title="Go to" keys={goTo} />
      </div>
      <CheckField checked={letters !== "off"} onChange={(on) => setLetters(on ? "on" : "off")}>
        Single letters work as shortcuts
      </CheckField>
    </Dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: readonly [string, string][] }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl className={css.keys}>
        {keys.map(([key, label]) => (
          <div key={key}>
            <dt>{key.split(" ").map((each) => <Kbd key={each} keys={each} />)}</dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
