// A new registry, or the login of one.

import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import type { Registry } from "@/live/records";
import { Button } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Field, Input } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { addRegistry, changeRegistry, checkLogin, type RegistryValues } from "./registry-acts";
import { type Check, CheckResult } from "./check-result";
import css from "./registries.module.css";

const valuesOf = ({ url, username, email, description }: Registry): RegistryValues => ({ url, username, password: "", email, description });

const EMPTY: RegistryValues = { url: "", username: "", password: "", email: "", description: "" };

export function RegistryDialog({ registry, onClose }: { registry?: Registry; onClose: () => void }) {
  const [values, setValues] = useState<RegistryValues>(() => (registry ? valuesOf(registry) : EMPTY));
  const input = (name: keyof RegistryValues, more: { type?: string; className?: string; autoComplete?: string } = {}) => (
    <Input value={values[name]} autoComplete="off" {...more} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
  );
  const written = { ...values, url: values.url.trim() };
  const form = registry
    ? { title: `Edit ${registry.url}`, verb: "Save", onConfirm: () => changeRegistry(registry, written) }
    : { title: "Add a registry", verb: "Add registry", onConfirm: () => addRegistry(written) };
  return (
    <Confirm open onClose={onClose} complete={written.url !== ""} {...form}>
      <Field label="Address" note="Host, port and path without a scheme: registry.example.com:5000/team">{input("url", { className: "mono" })}</Field>
      <Field label="User name">{input("username")}</Field>
      <Field label="Password" note={registry ? "Left empty, the stored one is kept." : undefined}>{input("password", { type: "password", autoComplete: "new-password" })}</Field>
      <Field label="Email">{input("email")}</Field>
      <Field label="Description">{input("description")}</Field>
      <TryLogin registryId={registry?.registry_id ?? ""} values={values} />
    </Confirm>
  );
}

function TryLogin({ registryId, values }: { registryId: string; values: RegistryValues }) {
  const [check, setCheck] = useState<Check>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      setCheck(await checkLogin(registryId, values));
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={css.check}>
      <Button disabled={busy || !values.url} onClick={() => void run()}>{busy ? "Logging in…" : "Try the login"}</Button>
      {check && <CheckResult check={check} />}
      {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
    </div>
  );
}
