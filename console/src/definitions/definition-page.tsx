// A definition: is this text right, and what will it do?

import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { getSession } from "@/api/session";
import { asProblem, type Problem } from "@/api/problem";
import { useLoaded, useOnline, useRecord } from "@/live/hooks";
import type { Definition } from "@/live/records";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Dialog } from "@/parts/dialog";
import { Empty } from "@/parts/empty";
import { useKeys } from "@/parts/keys";
import { useNarrow } from "@/parts/layout";
import { Page } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { keepPool } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { Tabs } from "@/parts/tabs";
import { tell } from "@/parts/toast";
import { formatClock } from "@/state/words";
import { saveDefinition } from "./definition-acts";
import { DefinitionMenu } from "./definition-menu";
import { DeployedAs } from "./findings";
import { asKind, type DefinitionKind, editorOf, isShipped } from "./kinds";
import { useChecked } from "./language";
import { SaveAs } from "./save-as";
import { type DraftText, useDraft } from "./use-draft";
import { Notice, Workbench } from "./workbench";

const Diff = lazy(() => import("@/parts/editor/diff").then((it) => ({ default: it.Diff })));

/** Return the tabs of an editor. */
export const tabsOf = (kind: DefinitionKind, id: string) => [
  { label: "YAML", to: editorOf(kind, id, "yaml") },
  { label: "Docker run", to: editorOf(kind, id, "docker-run") },
];

/** Return the key of a user's draft of a definition. */
export function draftKeyOf(kind: DefinitionKind, id: string): string {
  const session = getSession();
  return ["user" in session ? session.user : "", kind, id].join("/");
}

export function DefinitionPage() {
  const { kind: named, id = "", tab = "yaml" } = useParams({ strict: false }) as { kind?: string; id?: string; tab?: string };
  const kind = asKind(named);
  return <Stored key={`${kind}/${id}`} kind={kind} id={id} tab={tab} />;
}

function Stored({ kind, id, tab }: { kind: DefinitionKind; id: string; tab: string }) {
  const loaded = useLoaded(kind);
  const definition = useRecord(kind, id);
  const draft = useDraft(draftKeyOf(kind, id), definition?.content);
  if (!definition) return loaded ? <Empty title={`There is no ${kind} “${id}”`}>It was removed, or never existed.</Empty> : <Skeleton />;
  if (!draft) return <Skeleton />;
  return <Editor kind={kind} definition={definition} draft={draft} tab={tab} />;
}

interface EditorProps {
  kind: DefinitionKind;
  definition: Definition;
  draft: DraftText;
  tab: string;
}

function Editor({ kind, definition, draft, tab }: EditorProps) {
  const narrow = useNarrow();
  const online = useOnline();
  const checking = useChecked(draft.text);
  const [problem, setProblem] = useState<Problem>();
  const [comparing, setComparing] = useState(false);
  const { service_id: id, service_name: name } = definition;
  const [replaced, setReplaced] = useState<string>();
  // Until the watch tells the text that was just saved, the record holds the one before it.
  const stored = definition.content === replaced ? draft.base : definition.content;
  const changed = draft.text !== stored;
  const save = async () => {
    setProblem(undefined);
    try {
      const sent = draft.text;
      const { content } = await saveDefinition(kind, definition, sent);
      if (content !== definition.content) setReplaced(definition.content);
      draft.settle(sent, content);
      tell(`Saved ${name}`, "Nothing is deployed by that.");
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  return (
    <Page
      fixed={!narrow}
      name={name}
      title={name}
      note={
        <>
          {kind} {isShipped(kind, id) && <Chip>Shipped</Chip>} {stateOf(draft, changed)}
        </>
      }
      acts={<Acts kind={kind} definition={definition} text={draft.text} changed={changed} refusal={reasonAgainst(online, draft.text, checking.data?.valid)} onSave={() => void save()} />}
    >
      {problem && <ProblemBox title={`Save ${name}`} problem={problem} onDismiss={() => setProblem(undefined)} />}
      <Tabs label={`Forms of ${name}`} current={tab} tabs={tabsOf(kind, id)} />
      <Workbench
        tab={tab}
        text={draft.text}
        begun={draft.begun}
        label={`Text of ${name}`}
        checking={checking}
        onChange={draft.change}
        notice={<DraftNotice draft={draft} stored={stored} onCompare={() => setComparing(true)} />}
      >
        <DeployedAs kind={kind} id={id} />
      </Workbench>
      {comparing && (
        <Dialog open wide title={`Changes of ${name}`} onClose={() => setComparing(false)}>
          <Suspense fallback={<Skeleton />}>
            <Diff before={stored} after={draft.text} beforeLabel="Saved" afterLabel="Your draft" />
          </Suspense>
        </Dialog>
      )}
    </Page>
  );
}

function stateOf(draft: DraftText, changed: boolean): string {
  if (!changed) return "saved";
  return draft.kept ? `draft kept ${formatClock(draft.kept)}` : "not saved";
}

interface DraftNoticeProps {
  draft: DraftText;
  stored: string;
  onCompare: () => void;
}

/** Says what the text is when it is not the saved one. */
function DraftNotice({ draft, stored, onCompare }: DraftNoticeProps) {
  if (draft.text === stored) return null;
  const overtaken = stored !== draft.base;
  if (!overtaken && !draft.restored) return null;
  return (
    <Notice
      acts={
        <>
          <Button onClick={onCompare}>Compare</Button>
          <Button onClick={() => draft.restart(stored)}>Discard the draft</Button>
        </>
      }
    >
      {overtaken
        ? "Somebody saved this definition after you began: saving yours replaces theirs."
        : `This is your draft of ${formatClock(draft.restored)}.`}
    </Notice>
  );
}

interface ActsProps {
  kind: DefinitionKind;
  definition: Definition;
  text: string;
  changed: boolean;
  /** Why the text cannot be stored now. */
  refusal: string | undefined;
  onSave: () => void;
}

function Acts({ kind, definition, text, changed, refusal, onSave }: ActsProps) {
  const navigate = useNavigate();
  const [naming, setNaming] = useState(false);
  const unsavable = refusal ?? (changed ? undefined : "It is saved");
  useKeys([{ key: "Ctrl+s", label: "Save", run: () => { if (!unsavable) onSave(); } }]);
  const deploy = () => void navigate({ to: "/deploy", search: { definition: definition.service_id, kind } as never });
  return (
    <>
      <Button reason={unsavable} onClick={onSave}>Save</Button>
      <Button reason={refusal} onClick={() => setNaming(true)}>Save as…</Button>
      <Button look="main" reason={refusal ?? (changed ? "Save it first" : undefined)} onClick={deploy}>
        Preview and deploy
      </Button>
      <DefinitionMenu
        kind={kind}
        definition={definition}
        onRemoved={() => void navigate({ to: `/definitions/${kind}s`, search: keepPool as never })}
      />
      {naming && (
        <SaveAs
          kind={kind}
          text={text}
          name={`${definition.service_name}-copy`}
          title={`Save ${definition.service_name} as`}
          onClose={() => setNaming(false)}
          onSaved={({ service_id: id }) => void navigate({ to: editorOf(kind, id), search: keepPool as never })}
        />
      )}
    </>
  );
}

/** Return why a text cannot be stored now. */
export function reasonAgainst(online: boolean, text: string, valid: boolean | undefined): string | undefined {
  if (!online) return "Offline";
  if (!text.trim()) return "Write the text first";
  return valid === false ? "Correct the errors first" : undefined;
}
