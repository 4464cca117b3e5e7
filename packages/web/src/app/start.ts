// What begins before anything else: the engine, beside the page; and the fetching of what the page will show, as soon as that is known.
// Nothing that is large is imported here, so that all of it is fetched side by side.
import workerUrl from "../engine/start.ts?worker&url";
import { connectEngine } from "../engine/connect.ts";
import { loadPart } from "../messages/parts.ts";
import { scriptUrl } from "../trusted.ts";
import { followEngine } from "./engine-state.ts";
import { takeInvite } from "./invite.ts";
import { languageOf, preferences } from "./preferences.ts";
import { followTheme } from "./theme.ts";

followTheme();

const engine = connectEngine(new Worker(scriptUrl(workerUrl), { type: "module", name: "engine" }));
/** The engine of this page. */
export const followed = followEngine(engine);
/** Looks whether there is a mailbox; rejects where that can't be done. */
export const begun = engine.call("door.begin", []);
begun.catch(() => undefined);

/** Fetches what stands before the mailbox. */
export async function fetchDoor() {
  const [view] = await Promise.all([import("../views/door/door.tsx"), loadPart(languageOf(preferences()), "door")]);
  return view.Door;
}

/** Fetches what shows the open mailbox. */
export async function fetchShell() {
  return (await import("../views/shell/shell.tsx")).Shell;
}

void loadPart(languageOf(preferences()), "first").catch(() => undefined);
if (takeInvite(location) !== null) void fetchDoor().catch(() => undefined);
engine.listen((event) => {
  if (event.type !== "glance") return;
  const fetching = event.glance.kind === "opening" ? fetchShell() : fetchDoor();
  // Before the mailbox there is something to type: what that takes comes first, over a line that both share.
  fetching.catch(() => undefined).finally(engine.goOn);
});
