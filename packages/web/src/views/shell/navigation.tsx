import { useSyncExternalStore, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { useEngine, useEngineState } from "../../app/engine.tsx";
import { lockMailbox } from "../../app/leaving.ts";
import { useNames } from "../../app/names.ts";
import { hrefOf, type Place } from "../../app/places.ts";
import { oneLine } from "../../app/text.ts";
import type { Address } from "@smimp/protocol";
import type { PlaceCounts } from "../../engine/calls/messages.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { Mark } from "../../ui/mark.tsx";
import { PersonAvatar } from "../contacts/person-avatar.tsx";
import { discarded, onDiscarded } from "../drafts/discarding.ts";
import { NoticesButton } from "../trust/notices-button.tsx";
import { useActing } from "../mailbox/acting.tsx";
import { useOnline } from "./connection.tsx";
import { FolderPlaces } from "./folder-places.tsx";
import { HelpButton } from "./help-button.tsx";
import { PlaceLink } from "./place-link.tsx";
import classes from "./navigation.module.css";

/** Where one can go: places, folders, labels; and below who is here, and whether the server can be reached. */
export function Navigation({
  address,
  place,
  counts,
  onGo,
}: {
  readonly address: string;
  readonly place: Place;
  readonly counts: PlaceCounts | undefined;
  /** Somebody goes somewhere. */
  readonly onGo?: () => void;
}): ReactNode {
  const { mailbox, common } = useMessages();
  const acting = useActing();
  const { rooms } = mailbox;
  const texts = useMessages().shell;

  const link = (to: Place & { readonly room: keyof typeof rooms }, icon: IconName, count = 0, told = ""): ReactNode => (
    <PlaceLink
      to={to}
      icon={icon}
      name={rooms[to.room]}
      isHere={place.room === to.room}
      count={count}
      told={told}
      {...(onGo === undefined ? {} : { onGo })}
    />
  );
  const failed = counts?.failed ?? 0;
  // What is about to be sent is none any more, for who looks.
  const drafts = Math.max(0, (counts?.drafts ?? 0) - useSyncExternalStore(onDiscarded, discarded).size);
  return (
    <nav aria-label={mailbox.navigation} className={classes["navigation"]}>
      <div className={classes["brand"]}>
        <Mark size={30} />
        <span className={classes["product"]}>{common.product}</span>
        <NoticesButton onOpen={onGo} />
      </div>
      <div className={classes["write"]}>
        <Button
          kind="primary"
          icon="draft"
          wide
          onPress={() => {
            onGo?.();
            openComposer({ kind: "new" });
          }}
        >
          {mailbox.write}
        </Button>
      </div>
      <div className={classes["places"]}>
        <ul className={classes["list"]}>
          {link({ room: "search", query: "" }, "search")}
          <PlaceLink
            to={{ room: "inbox" }}
            icon="inbox"
            name={rooms.inbox}
            isHere={place.room === "inbox"}
            count={counts?.inbox ?? 0}
            told={texts.unread(counts?.inbox ?? 0)}
            onDrop={(targets) => void acting.move(targets, null, rooms.inbox)}
            {...(onGo === undefined ? {} : { onGo })}
          />
          {link({ room: "chat", with: null }, "chat", counts?.chats, texts.unread(counts?.chats ?? 0))}
          {link({ room: "starred" }, "star")}
          {link({ room: "drafts" }, "draft", drafts, texts.waiting(drafts))}
          {link({ room: "sent" }, "send")}
          {place.room === "outbox" || (counts?.outbox ?? 0) > 0
            ? link({ room: "outbox" }, "outbox", counts?.outbox, failed > 0 ? texts.failed(failed) : texts.waiting(counts?.outbox ?? 0))
            : null}
          {link({ room: "all" }, "archive")}
        </ul>
        <FolderPlaces place={place} folders={counts?.folders ?? []} onGo={onGo} />
        {counts === undefined || counts.labels.length === 0 ? null : (
          <section aria-label={mailbox.folders.labels}>
            <h2 className={classes["heading"]}>{mailbox.folders.labels}</h2>
            <ul className={classes["list"]}>
              {counts.labels.map(({ id, label, unread }) => (
                <PlaceLink
                  key={label}
                  to={{ room: "label", id }}
                  icon="label"
                  name={oneLine(label)}
                  isHere={place.room === "label" && place.id === id}
                  count={unread}
                  told={texts.unread(unread)}
                  onDrop={(targets) => void acting.label(targets, { add: [label], remove: [] })}
                  {...(onGo === undefined ? {} : { onGo })}
                />
              ))}
            </ul>
          </section>
        )}
        <ul className={`${classes["list"]} ${classes["apart"]}`}>
          {link({ room: "contacts", path: [] }, "people")}
          {link({ room: "settings", path: [] }, "settings")}
        </ul>
      </div>
      <Account address={address as Address} onGo={onGo} />
    </nav>
  );
}

/** Who is here, with the way to their own profile; below whether the server can be reached. */
function Account({ address, onGo }: { readonly address: Address; readonly onGo: (() => void) | undefined }): ReactNode {
  const { shell } = useMessages();
  const engine = useEngine();
  const { connection } = useEngineState();
  const online = useOnline();
  const nameOf = useNames();
  const state = online && (connection === "connected" || connection === "connecting") ? connection : "lost";
  const name = nameOf(address);
  return (
    <div className={classes["account"]}>
      <a
        className={classes["me"]}
        href={hrefOf({ room: "settings", path: ["profile"] })}
        title={shell.profile}
        {...(onGo === undefined ? {} : { onClick: onGo })}
      >
        <PersonAvatar address={address} name={name} size={32} fetch />
        <span className={classes["who"]}>
          {name === address ? null : (
            <span className={classes["mine"]}>
              <bdi>{name}</bdi>
            </span>
          )}
          <span className={`${classes["address"]} ${name === address ? classes["mine"] : ""}`}>{address}</span>
        </span>
      </a>
      <p className={classes["connection"]}>
        <span className={`${classes["light"]} ${classes[state]}`} />
        {shell.connection[state]}
      </p>
      <HelpButton />
      <IconButton icon="lock" label={shell.lock} onPress={() => void lockMailbox(engine).catch(() => undefined)} />
    </div>
  );
}
