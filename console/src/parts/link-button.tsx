// A link that looks like a button, for acts that have a page.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ButtonLook } from "./button";
import css from "./button.module.css";
import { keepPool } from "./ref";

interface LinkButtonProps {
  to: string;
  look?: ButtonLook;
  children: ReactNode;
}

export function LinkButton({ to, look = "plain", children }: LinkButtonProps) {
  return (
    <Link to={to} search={keepPool} className={`${css.button} ${css[look]}`}>
      {children}
    </Link>
  );
}
