import { scriptUrl } from "../trusted.ts";

/** How the client on this device is kept up to date. */
export interface Updates {
  /** When there is time for it: what is kept goes over the same line as what somebody waits for. */
  readonly when: Promise<unknown>;
  /** Called when a newer version waits; the function brings it in. */
  readonly onWaiting: (takeOver: () => void) => void;
  /** Called when a newer version has taken over, in whichever tab that was asked for: the files of this one are gone. */
  readonly onReplaced: () => void;
  /** Called when a notification was chosen that stands for something. */
  readonly onChosen: (data: unknown) => void;
}

/** Keeps the client on this device, where the browser can. */
export async function keepOffline({ when, onWaiting, onReplaced, onChosen }: Updates): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ readonly open?: unknown }>) => onChosen(data.open));
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    // The first version takes over from none: its files are those of this page.
    if (controlled) onReplaced();
    controlled = true;
  });
  await when;
  const registration = await serviceWorker.register(scriptUrl("./sw.js"), { scope: "./", updateViaCache: "none" });
  const tell = (waiting: ServiceWorker): void => {
    // The first version has nobody to take over from.
    if (serviceWorker.controller === null) return;
    onWaiting(() => waiting.postMessage("take over"));
  };
  if (registration.waiting !== null) tell(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const arriving = registration.installing;
    arriving?.addEventListener("statechange", () => {
      if (arriving.state === "installed") tell(arriving);
    });
  });
}
