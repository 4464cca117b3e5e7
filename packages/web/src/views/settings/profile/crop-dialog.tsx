import { useEffect, useId, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { moved, MOST_ZOOM, wholeCrop, zoomed } from "./crop.ts";
import classes from "./crop-dialog.module.css";
import { drawPart } from "./picture-file.ts";
import type { Crop } from "./crop.ts";

/** Pixels of the side of what is shown; screens with finer ones scale it. */
const SHOWN = 512;
/** How far an arrow key goes, as a share of what is shown. */
const STEP = 0.04;
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Lets somebody choose the part of a picture that shall be seen. */
export function CropDialog({
  picture,
  busy,
  onUse,
  onClose,
}: {
  readonly picture: ImageBitmap;
  readonly busy: boolean;
  readonly onUse: (crop: Crop) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.profile.crop;
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [crop, setCrop] = useState(() => wholeCrop(picture));
  const [zoom, setZoom] = useState(1);
  useEffect(() => {
    if (canvas.current !== null) drawPart(canvas.current, picture, crop);
  }, [picture, crop]);

  function drag(event: PointerEvent<HTMLDivElement>): void {
    if (event.buttons === 0) return;
    const scale = crop.side / event.currentTarget.clientWidth;
    setCrop((before) => moved(before, -event.movementX * scale, -event.movementY * scale, picture));
  }

  function press(event: KeyboardEvent): void {
    const way = KEYS[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const step = crop.side * STEP;
    setCrop((before) => moved(before, way[0] * step, way[1] * step, picture));
  }

  function size(to: number): void {
    setZoom(to);
    setCrop((before) => zoomed(before, to, picture));
  }

  return (
    <Dialog title={texts.title} isOpen onClose={onClose}>
      <p id={`${id}-text`} className={classes["text"]}>
        {texts.text}
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys and the pointer move the picture */}
      <div
        className={classes["area"]}
        role="group"
        aria-label={texts.area}
        aria-describedby={`${id}-text`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys move the picture
        tabIndex={0}
        onKeyDown={press}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
      >
        <canvas ref={canvas} width={SHOWN} height={SHOWN} className={classes["picture"]} aria-hidden="true" />
        <span className={classes["mask"]} aria-hidden="true" />
      </div>
      <label className={classes["zoom"]}>
        <span>{texts.zoom}</span>
        <input type="range" min={1} max={MOST_ZOOM} step={0.05} value={zoom} onChange={({ target }) => size(Number(target.value))} />
      </label>
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button kind="primary" isDisabled={busy} onPress={() => onUse(crop)}>
          {texts.use}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
