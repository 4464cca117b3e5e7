import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useMessages } from "../messages/messages.tsx";
import { IconButton } from "./button.tsx";
import classes from "./dialog.module.css";

/** What a dialog is told. */
export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly width?: "normal" | "wide";
  readonly children: ReactNode;
}

/** A dialog that is open. */
export function DialogFrame({ title, onClose, width = "normal", children }: DialogProps): ReactNode {
  const { common } = useMessages();
  return (
    <ModalOverlay isOpen onOpenChange={(open) => (open ? undefined : onClose())} isDismissable className={classes["overlay"] ?? ""}>
      <Modal className={`${classes["modal"]} ${classes[width]}`}>
        <Dialog className={classes["dialog"] ?? ""}>
          <header className={classes["header"]}>
            <Heading slot="title" className={classes["title"] ?? ""}>
              {title}
            </Heading>
            <IconButton icon="close" label={common.close} onPress={onClose} />
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
