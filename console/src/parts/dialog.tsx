// What lies over the page: a dialog in the middle, or a sheet at the side.

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./button";
import css from "./dialog.module.css";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  /** Buttons at the foot. */
  acts?: ReactNode;
  wide?: boolean;
  /** A press beside it does not close it: what it shows cannot be seen again. */
  firm?: boolean;
}

export function Dialog({ wide = false, ...props }: DialogProps) {
  return <Layer {...props} look={`${css.dialog} ${wide ? css.wide : ""}`} />;
}

/** A sheet shows one object beside the page that it belongs to. */
export function Sheet({ wide = false, ...props }: DialogProps) {
  return <Layer {...props} look={`${css.sheet} ${wide ? css.wideSheet : ""}`} />;
}

function Layer({ open, onClose, title, children, acts, look, firm = false }: DialogProps & { look: string }) {
  return (
    <Base.Root open={open} disablePointerDismissal={firm} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={`${css.layer} ${look}`}>
          <header className={css.head}>
            <Base.Title className={css.title}>{title}</Base.Title>
            <Base.Close render={<IconButton label="Close" icon={<X size={16} strokeWidth={1.75} />} />} />
          </header>
          <div className={css.body}>{children}</div>
          {acts && <footer className={css.foot}>{acts}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
