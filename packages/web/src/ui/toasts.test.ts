import { expect, test, vi } from "vitest";
import { clearToasts, toast, undoLatest } from "./toasts.tsx";

test("whatever says anything of the mailbox goes with it, also what stays otherwise", () => {
  const gone = vi.fn<(which: string) => void>();
  toast({ text: "bob#beta.example has a new device", stays: true, onGone: () => gone("notice") });
  toast({ text: "Archived", onGone: () => gone("archived") });
  toast({ text: "A newer version is here", stays: true, everywhere: true, undo: () => gone("still there") });
  clearToasts();
  expect(gone.mock.calls.flat()).toEqual(["notice", "archived"]);
  expect(undoLatest()).toBe(true);
  expect(gone).toHaveBeenLastCalledWith("still there");
});
