// A new definition: its text first, its name when it is saved.

import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { useKeys } from "@/parts/keys";
import { useNarrow } from "@/parts/layout";
import { Page } from "@/parts/page";
import { keepPool } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { Tabs } from "@/parts/tabs";
import { tell } from "@/parts/toast";
import { formatClock } from "@/state/words";
import { draftKeyOf, reasonAgainst, tabsOf } from "./definition-page";
import { asKind, type DefinitionKind, editorOf } from "./kinds";
import { useChecked } from "./language";
import { SaveAs } from "./save-as";
import { type DraftText, useDraft } from "./use-draft";
import { Notice, Workbench } from "./workbench";

export function NewPage() {
  const { kind: named, tab = "yaml" } = useParams({ strict: false }) as { kind?: string; tab?: string };
  const kind = asKind(named);
  const draft = useDraft(draftKeyOf(kind, ""), "");
  return draft ? <NewEditor key={kind} kind={kind} draft={draft} tab={tab} /> : <Skeleton />;
}

function NewEditor({ kind, draft, tab }: { kind: DefinitionKind; draft: DraftText; tab: string }) {
  const narrow = useNarrow();
  const online = useOnline();
  const navigate = useNavigate();
  const checking = useChecked(draft.text);
  const [naming, setNaming] = useState(false);
  const [first] = Object.keys(checking.data?.services ?? {});
  const refusal = reasonAgainst(online, draft.text, checking.data?.valid);
  const save = () => setNaming(true);
  useKeys([{ key: "Ctrl+s", label: "Save", run: () => { if (!refusal) save(); } }]);
  return (
    <Page
      fixed={!narrow}
      name={`New ${kind}`}
      title={`New ${kind}`}
      note={draft.kept > 0 && `draft kept ${formatClock(draft.kept)}`}
      acts={<Button look="main" reason={refusal} onClick={save}>Save…</Button>}
    >
      <Tabs label={`Forms of the new ${kind}`} current={tab} tabs={tabsOf(kind, "")} />
      <Workbench
        tab={tab}
        text={draft.text}
        begun={draft.begun}
        label={`Text of the new ${kind}`}
        checking={checking}
        onChange={draft.change}
        notice={
          draft.restored > 0 && (
            <Notice acts={<Button onClick={() => draft.restart("")}>Discard the draft</Button>}>
              This is your draft of {formatClock(draft.restored)}.
            </Notice>
          )
        }
      />
      {naming && (
        <SaveAs
          kind={kind}
          text={draft.text}
          name={kind === "service" ? (first ?? "") : ""}
          title={`Save the new ${kind}`}
          onClose={() => setNaming(false)}
          onSaved={({ service_id: id, service_name: name }) => {
            draft.restart("");
            tell(`Saved ${name}`, "Nothing is deployed by that.");
            void navigate({ to: editorOf(kind, id), search: keepPool as never });
          }}
        />
      )}
    </Page>
  );
}
