import { useEffect, useRef, useState, type ReactNode } from "react";
import { useMessages } from "../messages/messages.tsx";
import { Banner } from "./banner.tsx";
import classes from "./qr-scanner.module.css";

/** Looks at the camera's picture so often, milliseconds. */
const EVERY = 150;
/** Pixels of the longer side of what is looked at: codes that fill a good part of the picture need no more. */
const LOOKED_AT = 800;

/** Where scanning stands. */
type Scanning = "starting" | "looking" | "other-code" | "no-camera" | "refused";

/**
 * Shows the camera's picture until it sees a QR code. `onFound` says whether it is the one that is wanted; what it shows of others
 * is that they aren't. The camera is let go of with the view.
 */
export function QrScanner({ label, onFound }: { readonly label: string; readonly onFound: (text: string) => boolean }): ReactNode {
  const { common } = useMessages();
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onFound);
  const [scanning, setScanning] = useState<Scanning>("starting");
  useEffect(() => {
    found.current = onFound;
  });
  useEffect(() => {
    const picture = video.current;
    if (picture === null) return undefined;
    const stop = new AbortController();
    scan(picture, (text) => found.current(text), setScanning, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) setScanning(isRefusal(error) ? "refused" : "no-camera");
    });
    return () => stop.abort();
  }, []);

  const isOff = scanning === "no-camera" || scanning === "refused";
  return (
    <div className={classes["scanner"]}>
      <video ref={video} className={classes["picture"]} muted playsInline aria-label={label} hidden={isOff} />
      {isOff ? (
        <Banner tone="warning" icon="scan" title={common.scan[scanning]} />
      ) : (
        <p role="status" className={classes["word"]}>
          {common.scan[scanning]}
        </p>
      )}
    </div>
  );
}

async function scan(
  video: HTMLVideoElement,
  onFound: (text: string) => boolean,
  tell: (scanning: Scanning) => void,
  signal: AbortSignal,
): Promise<void> {
  // Where pages may not use cameras, browsers don't even have the member.
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) throw new DOMException("there is no camera", "NotFoundError");
  const camera = await devices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  signal.addEventListener("abort", () => end(camera, video));
  if (signal.aborted) return end(camera, video);
  video.srcObject = camera;
  await video.play();
  // A CommonJS module: what it exports is the function, which has itself as its `default`.
  const read = (await import("jsqr")).default.default;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new DOMException("there is no canvas", "NotSupportedError");
  tell("looking");
  while (!signal.aborted) {
    const { width, height } = fit(video);
    if (width > 0) {
      [canvas.width, canvas.height] = [width, height];
      context.drawImage(video, 0, 0, width, height);
      const code = read(context.getImageData(0, 0, width, height).data, width, height, { inversionAttempts: "attemptBoth" });
      if (code !== null && code.data !== "") {
        if (onFound(code.data)) return end(camera, video);
        tell("other-code");
      }
    }
    // oxlint-disable-next-line no-await-in-loop -- one picture after the other
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

function fit({ videoWidth, videoHeight }: HTMLVideoElement): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, LOOKED_AT / Math.max(videoWidth, videoHeight, 1));
  return { width: Math.round(videoWidth * scale), height: Math.round(videoHeight * scale) };
}

function end(camera: MediaStream, video: HTMLVideoElement): void {
  for (const track of camera.getTracks()) track.stop();
  video.srcObject = null;
}

function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "SecurityError");
}
