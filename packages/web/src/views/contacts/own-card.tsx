import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { QrCode } from "../../ui/qr-code.tsx";
import { toast } from "../../ui/toasts.tsx";
import { PersonNotices } from "../trust/notices.tsx";
import { PersonPage } from "../trust/page.tsx";
import classes from "./own-card.module.css";
import pageClasses from "./contact-page.module.css";

/** One's own address, to be shown, scanned and given to others. */
export function OwnCard({ address }: { readonly address: Address }): ReactNode {
  const { contacts: words, common } = useMessages();
  const copy = (): void => {
    navigator.clipboard.writeText(address).then(
      () => toast({ text: words.copied }),
      () => toast({ text: common.errors.other, tone: "error" }),
    );
  };
  return (
    <PersonPage title={words.own.title} back={{ href: hrefOf({ room: "contacts", path: [] }), label: words.back, narrowOnly: true }}>
      <PersonNotices address={address} />
      <p>{words.own.text}</p>
      <div className={classes["card"]}>
        <QrCode text={address} label={words.own.code(address)} />
        <p className={classes["address"]}>{address}</p>
      </div>
      <div className={pageClasses["actions"]}>
        <Button kind="primary" icon="copy" onPress={copy}>
          {words.copy}
        </Button>
        <a className={pageClasses["link"]} href={hrefOf({ room: "contacts", path: ["me", "history"] })}>
          <Icon name="clock" size={18} />
          {words.own.history}
        </a>
      </div>
    </PersonPage>
  );
}
