// Adding a host: the command to run there, and a greeting when it has joined.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, client, type Schemas } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useDerived, useLoaded, useOnline, useRecord } from "@/live/hooks";
import { Ago, useNow } from "@/parts/ago";
import { Button } from "@/parts/button";
import { Switch } from "@/parts/checkbox";
import { CopyText } from "@/parts/copy-text";
import { Field, Input } from "@/parts/field";
import { State } from "@/parts/glyph";
import { Page, Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { usePool } from "@/parts/search";
import { Select } from "@/parts/select";
import { Skeleton } from "@/parts/skeleton";
import { HOST_LABEL, HOST_SHAPE, hostWord } from "@/state/host-word";
import { compareNames } from "@/state/order";
import { readTags } from "@/state/tags";
import css from "./add-host.module.css";
import { isLoopback, joinCommand } from "./join-command";
import { describeLimits, isOver } from "./join-token";
import { NewJoinToken } from "./new-join-token";

const HIDDEN = "••••••••";
const TOKEN = ["join-token"];

export function AddHostPage() {
  const scope = usePool();
  const pools = useDerived(["pool"], (store) => [...store.all("pool").values()].sort((a, b) => compareNames(a.name, b.name)), []);
  const [manager, setManager] = useState(location.origin);
  const [pool, setPool] = useState("");
  const [name, setName] = useState("");
  const [tags, setTags] = useState("");
  const chosen = pool || scope || (pools.some((each) => each.id === "default") ? "default" : (pools[0]?.id ?? ""));
  return (
    <Page title="Add a host" name="Add a host" note="Run one command on a machine with Docker">
      <div className={css.columns}>
        <Panel title="The new host">
          <div className={css.form}>
            <Field label="Pool"><Select label="Pool" value={chosen} options={pools.map((each) => ({ value: each.id, label: each.name }))} onChange={setPool} /></Field>
            <Field label="Tags" note="Separate them by commas. Leave empty for none.">
              <Input value={tags} autoComplete="off" className="mono" onChange={(event) => setTags(event.target.value)} />
            </Field>
            <Field label="Name" note="The machine’s host name if left empty.">
              <Input value={name} autoComplete="off" className="mono" onChange={(event) => setName(event.target.value)} />
            </Field>
            <Field
              label="Address of the manager"
              note="As the new host reaches it."
              problem={isLoopback(manager) ? "Only this machine itself reaches this address. Other machines need another one." : undefined}
            >
              <Input value={manager} autoComplete="off" className="mono" onChange={(event) => setManager(event.target.value)} />
            </Field>
          </div>
        </Panel>
        <div className={css.side}>
          <CommandPanel manager={manager.trim()} pool={chosen} name={name.trim()} tags={readTags(tags)} />
          <Arrivals />
        </div>
      </div>
    </Page>
  );
}

type CommandProps = Omit<Parameters<typeof joinCommand>[0], "token">;

function CommandPanel(options: CommandProps) {
  const { data, error, refetch } = useQuery({ queryKey: TOKEN, gcTime: 0, queryFn: () => call(client.GET("/api/v2/hosts/join_token", {})) });
  const now = useNow();
  const hosts = useDerived(["host"], (store) => store.count("host"), []);
  // A join may have used the token up.
  useEffect(() => void refetch(), [hosts, refetch]);
  const token = data?.join_token ?? "";
  return (
    <Panel title="Run this on the host" acts={data && !isOver(data, now) && <CopyText text={joinCommand({ ...options, token })} label="Copy the command with the token" />}>
      <div className={css.form}>
        {!data && !error && <Skeleton rows={3} />}
        {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
        {data && <Command {...options} token={token} limits={data} />}
        <p className="muted">A host needs the token once. It also names the manager’s certificate authority, so the agent talks to no other manager. No port has to be open on the host for it.</p>
      </div>
    </Panel>
  );
}

type Limits = Pick<Schemas["JoinTokenAnswer"], "expires_on" | "uses_left">;

function Command({ token, limits, ...options }: Parameters<typeof joinCommand>[0] & { limits: Limits }) {
  const now = useNow();
  const queries = useQueryClient();
  const online = useOnline();
  const [shown, setShown] = useState(false);
  const [renewing, setRenewing] = useState(false);
  return (
    <>
      <pre className={css.command}>{joinCommand({ ...options, token: shown ? token : HIDDEN }).replace(`'${HIDDEN}'`, HIDDEN)}</pre>
      <p>{describeLimits(limits, now)}</p>
      <div className={css.acts}>
        <Switch checked={shown} onChange={setShown}>Show the token</Switch>
        <Button look="quiet" reason={online ? undefined : "Offline"} onClick={() => setRenewing(true)}>New token</Button>
      </div>
      {renewing && <NewJoinToken onClose={() => setRenewing(false)} onMade={(made) => queries.setQueryData(TOKEN, made)} />}
    </>
  );
}

/** Hosts that joined since the page was opened. */
function Arrivals() {
  const loaded = useLoaded("host");
  const ids = useDerived(["host"], (store) => [...store.all("host").keys()], []);
  const [known, setKnown] = useState<ReadonlySet<string>>();
  if (loaded && !known) setKnown(new Set(ids));
  const joined = known ? ids.filter((id) => !known.has(id)) : [];
  return (
    <Panel title="Joined since you opened this page">
      <ul aria-live="polite">
        {joined.length === 0 && <li className={css.waiting}><State condition="starts" word="Waiting for the host" /></li>}
        {joined.map((id) => <Arrival key={id} id={id} />)}
      </ul>
    </Panel>
  );
}

function Arrival({ id }: { id: string }) {
  const host = useRecord("host", id);
  if (!host) return null;
  const word = hostWord(host);
  return (
    <li className={css.waiting}>
      <State condition={HOST_SHAPE[word]} word={HOST_LABEL[word]} />
      <span>Welcome, <Ref kind="host" id={id} className="mono">{host.info.hostname}</Ref></span>
      <span className="muted">pool {host.info.pool_id}, joined <Ago at={host.joined_at} /> ago</span>
    </li>
  );
}
