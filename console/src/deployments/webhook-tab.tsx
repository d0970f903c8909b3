// The webhook: one URL that restarts the deployment, and its last calls.

import { useState } from "react";
import { act } from "@/api/act";
import { client } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import type { Deployment } from "@/live/records";
import { Ago } from "@/parts/ago";
import { Button } from "@/parts/button";
import { Switch } from "@/parts/checkbox";
import { Confirm } from "@/parts/confirm";
import { Empty } from "@/parts/empty";
import { KeyValue, Secret } from "@/parts/key-value";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import css from "./webhook-tab.module.css";
import { useWebhook } from "./queries";

export function WebhookTab({ deployment }: { deployment: Deployment }) {
  const { deployment_id: id, deployment_name: name } = deployment;
  const { data, error, refetch } = useWebhook(id);
  const online = useOnline();
  const [problem, setProblem] = useState<Problem>();
  const [renewing, setRenewing] = useState(false);
  const change = async (body: { enabled?: boolean; token?: string }) => {
    await act({ kind: "webhook", id, name: `webhook of ${name}` }, "Changing", () =>
      client.PUT("/api/v2/deployments/{deployment_id}/webhook/restart", { params: { path: { deployment_id: id } }, body }),
    );
    await refetch();
  };
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const { enabled, full_url_path: path } = data.restart;
  const url = new URL(path, location.origin).href;
  return (
    <>
      <Panel title="Restart by webhook">
        <div className={css.switch}>
          <Switch checked={enabled} disabled={!online} onChange={(on) => void change({ enabled: on }).catch((thrown: unknown) => setProblem(asProblem(thrown)))}>
            A call of the URL pulls the images again and replaces every container
          </Switch>
          <Button reason={online ? undefined : "Offline"} onClick={() => setRenewing(true)}>New token</Button>
        </div>
        {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
        <KeyValue
          facts={[
            { name: "URL", value: <Secret value={url} label="URL" /> },
            { name: "From a shell", value: <Secret value={`curl -X POST '${url}'`} label="command" /> },
          ]}
        />
      </Panel>
      <Panel title="Last calls">
        {data.deliveries.length === 0 && <Empty title="No calls yet">The last 20 calls appear here, with what they were answered.</Empty>}
        <ul>
          {data.deliveries.map((each, index) => (
            <li key={index} className={css.call}>
              <span className="muted"><Ago at={each.at} /></span>
              <code>{each.status}</code>
              <span>{each.outcome}</span>
              <code className="muted">{each.source}</code>
              {each.task_id ? <Ref kind="task" id={each.task_id}>Task</Ref> : <span />}
            </li>
          ))}
        </ul>
      </Panel>
      <Confirm open={renewing} onClose={() => setRenewing(false)} title="Make a new token?" verb="Make a new token" onConfirm={() => change({ token: "" })}>
        <p>The present URL stops working at once: whoever calls it needs the new one.</p>
      </Confirm>
    </>
  );
}
