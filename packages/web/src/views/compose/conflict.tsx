import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import classes from "./conflict.module.css";
import type { KeptDraft } from "./use-draft.ts";

/** What another device did with the same draft, and what can be done now. */
export function Conflict({
  draft,
  draftId,
  onTake,
  onShow,
}: {
  readonly draft: KeptDraft;
  readonly draftId: string | null;
  readonly onTake: (id: string) => void;
  readonly onShow: (id: string) => void;
}): ReactNode {
  const { conflict } = useMessages().compose;
  const { elsewhere, change } = draft;
  const current = draft.id() ?? draftId;
  if (change === "gone") {
    return (
      <div className={classes["place"]}>
        <Banner tone="warning" icon="device" title={conflict.goneTitle}>
          <p>{conflict.goneText}</p>
        </Banner>
      </div>
    );
  }
  if (change === "changed" && current !== null) {
    return (
      <div className={classes["place"]}>
        <Banner tone="warning" icon="device" title={conflict.changedTitle}>
          <p>{conflict.changedText}</p>
          <p className={classes["buttons"]}>
            <Button onPress={() => onTake(current)}>{conflict.take}</Button>
            <Button onPress={() => draft.goOnAs(null)}>{conflict.keep}</Button>
          </p>
        </Banner>
      </div>
    );
  }
  if (elsewhere === null) return null;
  return (
    <div className={classes["place"]}>
      <Banner tone="warning" icon="device" title={conflict.title}>
        <p>{conflict.text}</p>
        <p className={classes["buttons"]}>
          <Button onPress={() => onShow(elsewhere)}>{conflict.open}</Button>
        </p>
      </Banner>
    </div>
  );
}
