// Settings: what are the rules of this instance?

import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Page, Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { tell } from "@/parts/toast";
import { plural } from "@/state/words";
import css from "./account.module.css";
import { changeSettings, type Settings, useSettings } from "./queries";
import { compareSettings, SETTING_FACTS, SETTING_GROUPS, type SettingChange, type SettingTexts, withUnit } from "./setting-facts";
import { SettingRow } from "./setting-row";

export function SettingsPage() {
  const { data, error, refetch } = useSettings();
  const changed = data ? SETTING_FACTS.filter((each) => data[each.name] !== each.fallback).length : 0;
  return (
    <Page
      name="Settings"
      title="Settings"
      note={data && (changed ? `${plural(changed, "setting")} ${changed === 1 ? "differs" : "differ"} from the default` : "All settings are at their defaults")}
    >
      {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={12} onRetry={() => void refetch()} />}
      {data && <SettingsForm kept={data} onSaved={refetch} />}
    </Page>
  );
}

function SettingsForm({ kept, onSaved }: { kept: Settings; onSaved: () => Promise<unknown> }) {
  const online = useOnline();
  const [texts, setTexts] = useState<SettingTexts>({});
  const [asking, setAsking] = useState(false);
  const { changes, wrong } = compareSettings(kept, texts);
  const open = changes.length > 0 || wrong.length > 0;
  const save = async () => {
    await changeSettings(Object.fromEntries(changes.map((each) => [each.fact.name, each.after])));
    await onSaved();
    setTexts({});
    tell(`${plural(changes.length, "setting")} changed`, "In force at once.");
  };
  return (
    <>
      {SETTING_GROUPS.map((group) => (
        <Panel key={group.title} title={group.title}>
          {group.facts.map((each) => (
            <SettingRow
              key={each.name}
              fact={each}
              kept={kept[each.name]}
              text={texts[each.name]}
              wrong={wrong.includes(each.name)}
              onChange={(text) => setTexts({ ...texts, [each.name]: text })}
            />
          ))}
        </Panel>
      ))}
      {open && (
        <div className={css.saveBar} role="region" aria-label="Unsaved changes">
          <span>{wrong.length ? `${plural(wrong.length, "value")} cannot be saved` : `${plural(changes.length, "change")} not saved`}</span>
          <Button onClick={() => setTexts({})}>Discard</Button>
          <Button look="main" reason={reasonAgainst(online, wrong.length)} onClick={() => setAsking(true)}>Save</Button>
        </div>
      )}
      <Confirm open={asking} onClose={() => setAsking(false)} title="Save these settings?" verb="Save settings" onConfirm={save}>
        <p>They are in force at once, for every host and deployment.</p>
        <Difference changes={changes} />
      </Confirm>
    </>
  );
}

function reasonAgainst(online: boolean, wrong: number): string | undefined {
  if (!online) return "Offline";
  return wrong > 0 ? "Correct the marked value first" : undefined;
}

function Difference({ changes }: { changes: readonly SettingChange[] }) {
  return (
    <ul className={css.difference}>
      {changes.map(({ fact, before, after }) => (
        <li key={fact.name}>
          <span>{fact.label}:</span>
          <span><del className="muted">{withUnit(fact, before)}</del> → <ins>{withUnit(fact, after)}</ins></span>
        </li>
      ))}
    </ul>
  );
}
