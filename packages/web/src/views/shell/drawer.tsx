import { useEffect, type ReactNode } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import type { Place } from "../../app/places.ts";
import type { PlaceCounts } from "../../engine/calls/messages.ts";
import { useMessages } from "../../messages/messages.tsx";
import classes from "./drawer.module.css";
import { Navigation } from "./navigation.tsx";

/** The list of places, over the rest of the page. Going somewhere closes it. */
export function Drawer({
  address,
  place,
  counts,
  onClose,
}: {
  readonly address: string;
  readonly place: Place;
  readonly counts: PlaceCounts | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const { mailbox } = useMessages();
  useEffect(() => {
    addEventListener("hashchange", onClose);
    return () => removeEventListener("hashchange", onClose);
  }, [onClose]);
  return (
    <ModalOverlay isOpen onOpenChange={(open) => (open ? undefined : onClose())} isDismissable className={classes["overlay"] ?? ""}>
      <Modal className={classes["modal"] ?? ""}>
        <Dialog aria-label={mailbox.navigation} className={classes["drawer"] ?? ""}>
          <Navigation address={address} place={place} counts={counts} onGo={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
