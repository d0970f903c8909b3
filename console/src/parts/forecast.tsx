// What a drain or a move would do: which slots go where, which wait, which stay.

import { store } from "@/live/store";
import { countSlots, type Forecast, type SlotGroup } from "@/state/forecast";
import { plural } from "@/state/words";
import css from "./forecast.module.css";
import { Glyph } from "./glyph";
import { Ref } from "./ref";
import { Why } from "./why";

const hostName = (id: string) => store.get("host", id)?.info.hostname ?? id;
const deploymentName = (id: string) => store.get("deployment", id)?.deployment_name ?? id;

export function ForecastView({ forecast }: { forecast: Forecast }) {
  const { moved, targets, waiting, held, ended, more } = forecast;
  const idle = moved + ended + waiting.length + held.length === 0;
  return (
    <div className={css.forecast}>
      {idle && <p>No slot of a deployment is concerned.</p>}
      {moved > 0 && <p><strong>{plural(moved, "slot")}</strong> {moved === 1 ? "goes" : "go"} to {plural(targets.length, "host")}:</p>}
      {moved > 0 && (
        <ul className={css.targets}>
          {targets.map((target) => (
            <li key={target.hostId}><span className="mono">{target.hostname}</span> +{target.count}</li>
          ))}
        </ul>
      )}
      {ended > 0 && <p>{plural(ended, "container")} {ended === 1 ? "ends" : "end"} without a successor.</p>}
      <Groups groups={held} sentence={`${plural(countSlots(held), "slot")} ${countSlots(held) === 1 ? "stays" : "stay"}`} />
      <Groups groups={waiting} sentence={`${plural(countSlots(waiting), "slot")} would wait for a host`} />
      {more && <p className="muted">This is what the manager found in 2 seconds. More may change.</p>}
    </div>
  );
}

function Groups({ groups, sentence }: { groups: readonly SlotGroup[]; sentence: string }) {
  if (groups.length === 0) return null;
  return (
    <>
      <p className={css.head}><Glyph condition="waits" /> {sentence}</p>
      {groups.map((group) => (
        <div key={`${group.deploymentId}/${group.slots}`} className={css.group}>
          <p><Ref kind="deployment" id={group.deploymentId}>{deploymentName(group.deploymentId)}</Ref> <span className="mono">{group.slots}</span></p>
          {group.reasons.length > 0 && <Why title="Why" reasons={group.reasons} nameOf={hostName} />}
        </div>
      ))}
    </>
  );
}
