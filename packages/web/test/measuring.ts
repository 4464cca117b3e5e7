import type { Page } from "playwright-core";

// How long things take, as the page's own clock says, from what somebody does until it is painted.

/** The middle of some times and the longest of them, in words. */
export function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms, ${Math.round(sorted.at(-1) ?? 0)} ms at the most`;
}

/** Goes to a place; milliseconds until what the selector means is painted there. */
export async function goneTo(page: Page, hash: string, selector: string): Promise<number> {
  return await page.evaluate(
    async ([to, wanted]) => {
      const began = performance.now();
      location.hash = to;
      while (document.querySelector(wanted) === null) await new Promise((resolve) => requestAnimationFrame(resolve));
      // What a frame begins with is heard once it is painted.
      await new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener("message", resolve);
        port1.start();
        port2.postMessage(null);
      });
      return performance.now() - began;
    },
    [hash, selector] as const,
  );
}

/** Loads the page again; milliseconds from there until what the selector means stands in it. */
export async function loadedAgain(page: Page, selector: string): Promise<number> {
  await page.reload({ waitUntil: "commit" });
  return await page.evaluate(async (wanted) => {
    while (document.querySelector(wanted) === null) await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now();
  }, selector);
}

/** Scrolls an element a frame at a time; milliseconds between frames. */
export async function framesOf(page: Page, selector: string): Promise<readonly number[]> {
  return await page.evaluate(async (scrolled) => {
    const element = document.querySelector(scrolled);
    const gaps: number[] = [];
    element?.scrollTo(0, 0);
    let last = performance.now();
    for (let step = 0; step < 240; step++) {
      if (element !== null) element.scrollTop += 60;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      gaps.push(performance.now() - last);
      last = performance.now();
    }
    return gaps.toSorted((a, b) => a - b);
  }, selector);
}

/** Begins to note how long the page is held up at a time. */
export async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const found: number[] = [];
    new PerformanceObserver((list) => found.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    Object.assign(globalThis, { longTasks: found });
  });
}

/** What of that took longer than the 50 ms that nobody notices. */
export async function longTasks(page: Page): Promise<readonly number[]> {
  return await page.evaluate(() => (globalThis as unknown as { readonly longTasks: number[] }).longTasks.splice(0));
}

/** Types letter by letter into the search; milliseconds from each until what it finds is painted. */
export async function typing(page: Page, text: string): Promise<readonly number[]> {
  return await page.getByRole("searchbox").evaluate(async (input: HTMLInputElement, typed) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
    const frame = async (): Promise<unknown> => await new Promise((resolve) => requestAnimationFrame(resolve));
    const painted = async (): Promise<unknown> =>
      await new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener("message", resolve);
        port1.start();
        port2.postMessage(null);
      });
    const times: number[] = [];
    for (let length = 0; length <= typed.length; length++) {
      const began = performance.now();
      set?.call(input, typed.slice(0, length));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await frame();
      if (length === 0) continue;
      while (document.querySelector("main [aria-busy=false]") === null) await frame();
      await painted();
      times.push(performance.now() - began);
    }
    return times;
  }, text);
}

/** Reads so many rows as they lie in the mailbox's database, and does nothing with them; milliseconds. */
export async function bareReads(page: Page, rows: number): Promise<number> {
  return await page.evaluate(async (count) => {
    const open = indexedDB.open("smimp-mailbox");
    await new Promise((resolve) => open.addEventListener("success", resolve));
    const entries = open.result.transaction("entries").objectStore("entries");
    const keys = entries.getAllKeys(IDBKeyRange.bound(["inbox"], ["inbox", []]), count);
    await new Promise((resolve) => keys.addEventListener("success", resolve));
    const began = performance.now();
    const read = open.result.transaction("entries").objectStore("entries");
    await Promise.all(
      keys.result.map(async (key) => {
        const row = read.get(key);
        await new Promise((resolve) => row.addEventListener("success", resolve));
      }),
    );
    const took = performance.now() - began;
    open.result.close();
    return took;
  }, rows);
}

/** What the page and its workers hold in memory, in words. */
export async function memoryOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const workers: { readonly id: string; readonly name: string }[] = [];
  const answers = new Map<number, (answer: Heap) => void>();
  session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => void workers.push({ id: sessionId, name: targetInfo.title }));
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message) as { readonly id?: number; readonly result: Heap };
    if (id !== undefined) answers.get(id)?.(result);
  });
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const heaps = await Promise.all(
    workers.map(async ({ id: sessionId, name }, index) => {
      const heap = new Promise<Heap>((resolve) => answers.set(index, resolve));
      await session.send("Target.sendMessageToTarget", {
        sessionId,
        message: JSON.stringify({ id: index, method: "Runtime.getHeapUsage" }),
      });
      return { name, heap: await heap };
    }),
  );
  const own = { name: "page", heap: (await session.send("Runtime.getHeapUsage")) as Heap };
  await session.detach();
  return [own, ...heaps.filter(({ name }) => !name.startsWith("Service"))]
    .map(({ name, heap }) => `${name} ${Math.round((heap.usedSize + heap.embedderHeapUsedSize + heap.backingStorageSize) / 1_000_000)} MB`)
    .join(", ");
}

interface Heap {
  readonly usedSize: number;
  readonly embedderHeapUsedSize: number;
  readonly backingStorageSize: number;
}
