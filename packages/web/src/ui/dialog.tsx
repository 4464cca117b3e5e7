import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useMessages } from "../messages/messages.tsx";
import { IconButton } from "./button.tsx";
import classes from "./dialog.module.css";

/** A dialog over the page: focus stays in it, Escape closes it, and goes back to where it came from. */
export function Dialog({
  title,
  isOpen,
  onClose,
  width = "normal",
  children,
}: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly width?: "normal" | "wide";
  readonly children: ReactNode;
}): ReactNode {
  const { common } = useMessages();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => (open ? undefined : onClose())}
      isDismissable
      className={classes["overlay"] ?? ""}
    >
      <Modal className={`${classes["modal"]} ${classes[width]}`}>
        <AriaDialog className={classes["dialog"] ?? ""}>
          <header className={classes["header"]}>
            <Heading slot="title" className={classes["title"] ?? ""}>
              {title}
            </Heading>
            <IconButton icon="close" label={common.close} onPress={onClose} />
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The row of buttons at a dialog's end. */
export function DialogButtons({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={classes["buttons"]}>{children}</div>;
}
