// What a registry said to a login.

import type { Schemas } from "@/api/client";
import { Severity } from "@/parts/severity";
import css from "./registries.module.css";

export type Check = Schemas["LoginCheckAnswer"];

export function CheckResult({ check }: { check: Check }) {
  return (
    <span className={css.result} role="status">
      <Severity name={check.valid ? "cleared" : "error"} size={14} />
      <span>{check.message || (check.valid ? "The login works" : "The login was refused")}</span>
    </span>
  );
}
