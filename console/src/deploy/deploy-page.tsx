// Deploy: where will it run, and what will not fit?

import { useNavigate } from "@tanstack/react-router";
import { act } from "@/api/act";
import { client } from "@/api/client";
import { useDerived, useLoaded, useRecord } from "@/live/hooks";
import type { Definition } from "@/live/records";
import { Button } from "@/parts/button";
import { CheckField } from "@/parts/checkbox";
import { useDraft } from "@/parts/draft";
import { LinkButton } from "@/parts/link-button";
import { Page, Panel } from "@/parts/page";
import type { Plan } from "@/parts/plan/plan";
import { usePlan } from "@/parts/plan/use-plan";
import { ProblemBox } from "@/parts/problem-box";
import { addressOf, keepPool } from "@/parts/ref";
import { usePageSearch, usePool } from "@/parts/search";
import { Select } from "@/parts/select";
import { Skeleton } from "@/parts/skeleton";
import { compareNames } from "@/state/order";
import {
  defaultName, type DeployDraft, type DeploymentBody, describeAct, describeNew, describeSource, describeTitle, EMPTY, wrongLines,
} from "./deploy-body";
import { DeployFields } from "./deploy-fields";
import css from "./deploy.module.css";
import { PlanPanel } from "./plan-panel";
import { TextPanel } from "./text-panel";
import { useApply, useLastServices } from "./use-apply";

const planNew = (body: DeploymentBody, signal: AbortSignal) =>
  client.POST("/api/v2/deployments/", { params: { query: { dry_run: "full" } }, body, signal });

export function DeployPage() {
  const [search, change] = usePageSearch({ kind: "service", definition: "" });
  const kind = search.kind === "stack" ? "stack" : "service";
  const definition = useRecord(kind, search.definition);
  const loaded = useLoaded("service", "stack", "pool");
  if (!loaded) return <Skeleton />;
  return (
    <DeployForm
      key={`${kind}/${definition?.service_id ?? ""}`}
      definition={definition}
      lost={definition ? "" : search.definition}
      onChoose={(next) => change(next)}
    />
  );
}

interface DeployFormProps {
  /** Where the text comes from; none for a text of one's own. */
  definition: Definition | undefined;
  /** Id in the address of which there is no definition. */
  lost: string;
  onChoose: (source: { kind: string; definition: string }) => void;
}

function DeployForm({ definition, lost, onChoose }: DeployFormProps) {
  const navigate = useNavigate();
  const scope = usePool() || "default";
  const source = describeSource(definition);
  const [draft, change, forget] = useDraft<DeployDraft>(`deploy.${source.key}`, EMPTY);
  const { prepare = false, text = source.text, pool = scope, name: called = "" } = draft;
  const body = describeNew(draft, definition, pool);
  const planning = usePlan("new", body, planNew);
  const services = useLastServices(planning);
  const named = defaultName(source, services);
  const name = called || named;
  const verb = prepare ? "Prepare" : "Deploy";
  const applying = useApply(planning, body !== undefined, "Choose a definition or write a text first", async () => {
    const answer = await act({ kind: "deployment", id: "", name }, "Deploying", (headers) =>
      client.POST("/api/v2/deployments/", { headers, body: { ...body, desired_state: prepare ? 0 : 1 } }),
    );
    forget();
    if (!("deployment" in answer)) return;
    await navigate({ to: addressOf("deployment", answer.deployment.deployment_id), search: keepPool as never });
  });
  return (
    <Page
      title={describeTitle(name)}
      name="Deploy"
      acts={
        <>
          <LinkButton to="/deployments">Cancel</LinkButton>
          <Button look="main" reason={applying.reason} onClick={applying.apply}>
            {describeAct(verb, planning.plan, !prepare)}
          </Button>
        </>
      }
    >
      {applying.problem && <ProblemBox title={`${verb} ${name}`} problem={applying.problem} onDismiss={applying.dismiss} />}
      <div className={css.columns}>
        <div className={css.side}>
          <Panel>
            <SourceField definition={definition} lost={lost} onChoose={onChoose} />
            <DeployFields
              draft={draft}
              onChange={change}
              name={called}
              placeholder={named}
              nameNote={<NameNote plan={planning.plan} />}
              pool={pool}
              services={services}
            />
            <div className={css.inPanel}>
              <CheckField checked={prepare} onChange={(chosen) => change({ prepare: chosen })}>
                Only prepare it, do not start it
              </CheckField>
            </div>
          </Panel>
          <TextPanel
            text={text}
            before={source.text}
            beforeLabel="Definition"
            wrong={wrongLines(planning.problem)}
            onChange={(written) => change({ text: written })}
            onReset={() => change({ text: undefined })}
          />
        </div>
        <PlanPanel
          planning={planning}
          none="Choose a definition, or paste a text: what it would do appears here."
          note={prepare ? "This is what starting it would do." : undefined}
        />
      </div>
    </Page>
  );
}

function NameNote({ plan }: { plan: Plan | undefined }) {
  return plan ? <>Its id will be like <code>{plan.deployment_id}</code></> : null;
}

function SourceField({ definition, lost, onChoose }: DeployFormProps) {
  return (
    <div className={css.fields}>
      <div className={`${css.labelled} ${css.wide}`}>
        <span className={css.label}>From</span>
        <SourceSelect definition={definition} onChoose={onChoose} />
        {lost && <p className={css.lost}>There is no definition “{lost}” any more.</p>}
      </div>
    </div>
  );
}

function SourceSelect({ definition, onChoose }: Pick<DeployFormProps, "definition" | "onChoose">) {
  const options = useDerived(
    ["service", "stack"],
    (store) => {
      const all = [...store.all("service").values(), ...store.all("stack").values()];
      const named = all.map((each) => ({ value: `${each.subtype}/${each.service_id}`, label: `${each.service_name} (${each.subtype})` }));
      return [{ value: "", label: "A text of your own" }, ...named.sort((a, b) => compareNames(a.label, b.label))];
    },
    [],
  );
  return (
    <Select
      label="Where the text comes from"
      value={definition ? `${definition.subtype}/${definition.service_id}` : ""}
      options={options}
      onChange={(value) => {
        const [kind = "", id = ""] = value.split("/");
        onChoose({ kind: kind || "service", definition: id });
      }}
    />
  );
}
