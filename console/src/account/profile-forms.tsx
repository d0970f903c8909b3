// The two forms of a profile: names, and the password.

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Schemas } from "@/api/client";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { Field, Input } from "@/parts/field";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { tell } from "@/parts/toast";
import { useSubmit } from "@/parts/use-submit";
import css from "./account.module.css";
import { changeAccount } from "./queries";

export function NamesForm({ user, onSaved }: { user: Schemas["UserAnswer"]; onSaved: () => void }) {
  const online = useOnline();
  const [first, setFirst] = useState(user.first_name);
  const [last, setLast] = useState(user.last_name);
  const { busy, problem, run, dismiss } = useSubmit();
  const same = first === user.first_name && last === user.last_name;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (same || busy || !online) return;
    if (!(await run(() => changeAccount({ first_name: first, last_name: last })))) return;
    tell("Names saved");
    onSaved();
  };
  return (
    <Panel title="Names">
      <form className={css.form} onSubmit={(event) => void save(event)}>
        <Field label="First name">
          <Input value={first} autoComplete="given-name" onChange={(event) => setFirst(event.target.value)} />
        </Field>
        <Field label="Last name">
          <Input value={last} autoComplete="family-name" onChange={(event) => setLast(event.target.value)} />
        </Field>
        {problem && <ProblemBox problem={problem} onDismiss={dismiss} />}
        <div>
          <Button type="submit" look="main" disabled={busy} reason={online ? (same ? "Nothing changed" : undefined) : "Offline"}>Save names</Button>
        </div>
      </form>
    </Panel>
  );
}

const NONE = { old: "", next: "", again: "" };

export function PasswordForm({ username }: { username: string }) {
  const online = useOnline();
  const queries = useQueryClient();
  const [values, setValues] = useState(NONE);
  const { busy, problem, run, dismiss } = useSubmit();
  const differs = values.again !== "" && values.again !== values.next;
  const ready = values.old !== "" && values.next !== "" && values.again === values.next;
  const change = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready || busy || !online) return;
    if (!(await run(() => changeAccount({ old_password: values.old, password: values.next })))) return;
    setValues(NONE);
    tell("Password changed", "Other sessions have ended.");
    void queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  const field = (name: keyof typeof NONE, label: string, complete: string, wrong?: string) => (
    <Field label={label} problem={wrong}>
      <Input
        type="password"
        value={values[name]}
        autoComplete={complete}
        onChange={(event) => setValues({ ...values, [name]: event.target.value })}
      />
    </Field>
  );
  return (
    <Panel title="Password">
      <form className={css.form} onSubmit={(event) => void change(event)}>
        <input className="visually-hidden" tabIndex={-1} aria-hidden="true" name="username" autoComplete="username" value={username} readOnly />
        {field("old", "Current password", "current-password")}
        {field("next", "New password", "new-password")}
        {field("again", "New password again", "new-password", differs ? "The two do not match yet." : undefined)}
        <p className="muted">A new password ends all other sessions.</p>
        {problem && <ProblemBox problem={problem} onDismiss={dismiss} />}
        <div>
          <Button type="submit" look="main" disabled={busy} reason={online ? (ready ? undefined : "Fill in all three fields") : "Offline"}>Change password</Button>
        </div>
      </form>
    </Panel>
  );
}
