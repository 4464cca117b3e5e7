import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { IconButton } from "../../ui/button.tsx";
import classes from "./connection.module.css";

/** How much room is left, and where to make some. */
export function Full({
  state,
  left,
  onRead,
}: {
  readonly state: "nearly" | "full";
  /** Bytes. */
  readonly left: number;
  readonly onRead: () => void;
}): ReactNode {
  const { data, common } = useMessages();
  const { size } = useDates();
  const texts = data.full[state];
  return (
    <div className={classes["banner"]}>
      <Banner tone={state === "full" ? "danger" : "warning"} icon="disk" title={texts.title}>
        <div className={classes["text"]}>
          <p>
            {texts.text(size(left))} <a href={hrefOf({ room: "settings", path: ["storage"] })}>{data.full.look}</a>
          </p>
          <IconButton icon="close" label={common.close} onPress={onRead} />
        </div>
      </Banner>
    </div>
  );
}
