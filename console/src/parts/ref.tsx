// Links to objects: the one place that knows the address of each kind.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import css from "./ref.module.css";
import { parseSearch } from "./search";

export type RefKind = "deployment" | "container" | "host" | "pool" | "task" | "service" | "stack" | "registry" | "key";

/** Return the address of an object's page; "" where a kind has none. */
export function addressOf(kind: RefKind, id: string): string {
  const at = encodeURIComponent(id);
  switch (kind) {
    case "deployment":
      return `/deployments/${at}/slots`;
    case "container":
      return `/containers/${at}/overview`;
    case "host":
      return `/hosts/${at}/overview`;
    case "pool":
      return `/pools/${at}`;
    case "task":
      return "/activity/tasks";
    case "key":
      return `/discovery/keys?key=${at}`;
    case "service":
    case "stack":
      return `/definitions/${kind}/${at}/yaml`;
    default:
      return "";
  }
}

interface RefProps {
  kind: RefKind;
  id: string;
  children?: ReactNode;
  className?: string;
}

/** A link with the object's name; plain text where there is no object. */
export function Ref({ kind, id, children, className = "" }: RefProps) {
  const [path = "", query = ""] = addressOf(kind, id).split("?");
  if (!id || !path) return <span className={id ? className : "muted"}>{children ?? id}</span>;
  return (
    <Link to={path} search={query ? (parseSearch(query) as never) : keepPool} className={`${css.ref} ${className}`}>
      {children ?? id}
    </Link>
  );
}

/** Keep the scope, which every page obeys, and nothing else of the page that is left. */
export const keepPool = (search: Record<string, unknown>) => (search.pool ? { pool: search.pool } : {});
