// Buttons: with words, or an icon alone that has a label.

import type { ComponentPropsWithRef, ReactNode } from "react";
import css from "./button.module.css";

export type ButtonLook = "plain" | "main" | "quiet" | "danger";

interface ButtonProps extends ComponentPropsWithRef<"button"> {
  look?: ButtonLook;
  /** Why it cannot be pressed now; it stays reachable, and says so. */
  reason?: string;
}

export function Button({ look = "plain", reason, className = "", onClick, title, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${css.button} ${css[look]} ${className}`}
      aria-disabled={reason ? true : undefined}
      title={reason ?? title}
      onClick={reason ? undefined : onClick}
    />
  );
}

interface IconButtonProps extends Omit<ButtonProps, "children"> {
  label: string;
  icon: ReactNode;
  /** Beside a text, no higher than its line. */
  small?: boolean;
}

export function IconButton({ label, icon, small = false, className = "", ...rest }: IconButtonProps) {
  return (
    <Button look="quiet" {...rest} aria-label={label} title={rest.title ?? label} className={`${small ? css.small : css.icon} ${className}`}>
      {icon}
    </Button>
  );
}
