// What was done, told once at the bottom right: successes go after 6 s, failures stay.

import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { IconButton } from "./button";
import type { SeverityName } from "@/state/severity";
import { Severity } from "./severity";
import css from "./toast.module.css";

const manager = Base.createToastManager();

/** Tell of something that was done. */
export function tell(title: string, description?: string): void {
  manager.add({ title, description, timeout: 6000, type: "cleared" });
}

/** Tell of a failure; it stays until it is closed. */
export function tellFailure(title: string, description: string): void {
  manager.add({ title, description, timeout: 0, type: "error", priority: "high" });
}

export function Toasts() {
  return (
    <Base.Provider toastManager={manager} limit={4}>
      <Base.Portal>
        <Base.Viewport className={css.viewport}>
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List() {
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root key={toast.id} toast={toast} className={css.toast}>
      <Severity name={(toast.type ?? "info") as SeverityName} />
      <div className={css.body}>
        <Base.Title className={css.title} />
        <Base.Description className={css.text} />
      </div>
      <Base.Close render={<IconButton label="Close" icon={<X size={14} strokeWidth={1.75} />} />} />
    </Base.Root>
  ));
}
