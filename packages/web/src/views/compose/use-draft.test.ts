import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AttachedFile, WrittenMessage } from "../../engine/calls/writing.ts";
import { useDraft as draftOf } from "./use-draft.ts";

/** How many files each call to save was made with. */
const saves: number[] = [];

// A component that is drawn once: what it keeps from one time to the next stays as it began, and what it does once it stands is done.
vi.mock(import("react"), async (original) => ({
  ...(await original()),
  useState: ((initial: unknown) => [initial, () => undefined]) as never,
  useRef: ((current: unknown) => ({ current })) as never,
  useCallback: ((work: unknown) => work) as never,
  useEffect: ((work: () => unknown) => void work()) as never,
}));
vi.mock(import("../../app/leaving.ts"), async (original) => ({
  ...(await original()),
  onGoing: () => () => undefined,
  onLeaving: () => () => undefined,
}));
vi.mock(import("../../app/engine.tsx"), async (original) => ({
  ...(await original()),
  useEngine: () => ({ call: save as never, listen: () => () => undefined }),
  useEngineEvents: () => undefined,
}));

/** Text is saved at once, a file takes until somebody stops it. */
async function save(_name: string, [message]: readonly [WrittenMessage], { signal }: { readonly signal: AbortSignal }): Promise<unknown> {
  saves.push(message.attachments.length);
  if (message.attachments.length > 0) {
    await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
  }
  return { id: "d1", elsewhere: null };
}

beforeEach(() => {
  saves.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

test("whoever can't wait for a large file has the text kept, whatever else waits to be saved; nothing is sent without its files", async () => {
  const file: AttachedFile = { key: "k1", name: "film.bin", mediaType: "video/mp4", size: 1, content: new Blob(["."]) };
  const draft = draftOf(
    null,
    () => ({ to: [], subject: "", body: "Look!", attachments: [file] }),
    () => undefined,
  );
  draft.touch();
  const became: unknown[] = ["waits", "waits", "waits"];
  for (const [index, work] of [draft.flush(), draft.flushSoon(), draft.flush()].entries()) {
    work.then(
      (id) => (became[index] = id),
      () => (became[index] = "stopped"),
    );
  }
  await vi.advanceTimersByTimeAsync(1_600);
  expect(became).toEqual(["stopped", "d1", "stopped"]);
  expect(saves).toEqual([1, 0]);
  expect(draft.isKept()).toBe(false);

  // Where it goes on after all, so does the file.
  draft.flush().catch(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect(saves).toEqual([1, 0, 1]);
});
