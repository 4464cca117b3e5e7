import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { settled } from "./steps.ts";

/** Where the pictures are put. */
const FOLDER = join(import.meta.dirname, "../../../shots");
const WIDTHS = [390, 768, 1440] as const;
export const HEIGHT = 900;
/** How long a view may take to be drawn, milliseconds. */
const SETTLE = 600;

/** Takes pictures. */
export interface Camera {
  /** A picture of what is in sight, at each width. */
  readonly shoot: (page: Page, name: string, widths?: readonly number[]) => Promise<void>;
  readonly taken: () => number;
}

/** A camera, with an empty folder or with the one that there is. */
export function newCamera(keep: boolean): Camera {
  if (!keep) rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  let pictures = 0;
  return {
    shoot: async (page, name, widths = WIDTHS) => {
      const before = page.viewportSize();
      // Nothing is pointed at.
      await page.mouse.move(0, 0);
      for (const width of widths) {
        await page.setViewportSize({ width, height: HEIGHT });
        await page.waitForTimeout(SETTLE);
        // What shows how far something is moves all the time.
        await Promise.race([settled(page), page.waitForTimeout(SETTLE)]);
        await page.screenshot({ path: join(FOLDER, `${name}-${width}.png`) });
        pictures++;
      }
      if (before !== null) await page.setViewportSize(before);
    },
    taken: () => pictures,
  };
}
