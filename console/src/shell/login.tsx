// Signing in: as a page, or over the page when a session ends.

import { Dialog as Base } from "@base-ui/react/dialog";
import { type FormEvent, type KeyboardEvent, useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { signIn } from "@/api/session";
import { Button } from "@/parts/button";
import { Field, Input } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { Logo } from "./logo";
import css from "./login.module.css";

export function LoginPage() {
  useEffect(() => {
    document.title = "Sign in · Berth";
  }, []);
  return (
    <main className={css.page}>
      <div className={css.card}>
        <h1 className={css.title}>
          <Logo /> Berth
        </h1>
        <p className="muted">{location.host}</p>
        <LoginForm user="" />
      </div>
    </main>
  );
}

/** The session ended: what is under it stays as it is, and what was asked is sent after the login. */
export function LoginOver({ user }: { user: string }) {
  return (
    <Base.Root open>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={`${css.card} ${css.over}`}>
          <Base.Title className={css.title}>Your session has ended</Base.Title>
          <Base.Description className="muted">Sign in to go on. Nothing on this page is lost.</Base.Description>
          <LoginForm user={user} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function LoginForm({ user }: { user: string }) {
  const [name, setName] = useState(user);
  const [password, setPassword] = useState("");
  const [caps, setCaps] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const wait = useCountdown(problem);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(name, password);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };
  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <Field label="User name">
        <Input autoFocus={!user} autoComplete="username" autoCapitalize="none" value={name} onChange={(event) => setName(event.target.value)} required />
      </Field>
      <Field label="Password" note={caps ? "Caps Lock is on" : undefined}>
        <Input
          autoFocus={Boolean(user)}
          type="password"
          autoComplete="current-password"
          value={password}
          onKeyUp={watchCaps}
          onChange={(event) => setPassword(event.target.value)}
          required
        />
      </Field>
      {problem && <ProblemBox problem={problem} />}
      <Button look="main" type="submit" disabled={busy || wait > 0}>
        {wait > 0 ? `Try again in ${wait} s` : "Sign in"}
      </Button>
    </form>
  );
}

/** Count down the seconds after which a throttled login may be tried again. */
function useCountdown(problem: Problem | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    setLeft(problem?.code === "throttled" ? problem.retryAfter : 0);
    if (problem?.code !== "throttled") return;
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}
