import jsqr from "jsqr";
import { writeFile } from "node:fs/promises";
import type { Page } from "playwright-core";

// Pictures of the page, as cameras see them.

/** A picture: four bytes for each point, red, green, blue, and how opaque it is. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly points: Uint8ClampedArray;
}

/** What a PNG shows; the browser decodes it. */
export async function pictureOf(page: Page, png: Buffer): Promise<Picture> {
  const { width, height, points } = await page.evaluate(async (text) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const data = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    return { width: bitmap.width, height: bitmap.height, points: Array.from(data) };
  }, png.toString("base64"));
  return { width, height, points: Uint8ClampedArray.from(points) };
}

/** The text of the QR code in a picture; null where there is none. */
export function readCode({ points, width, height }: Picture): string | null {
  return jsqr.default(points, width, height)?.data ?? null;
}

const CAMERA = { width: 640, height: 480 };

/** Writes what a camera of Chromium's sees that holds this picture in front of it (Y4M: bright and dark alone). */
export async function writeCamera(file: string, { points, width, height }: Picture): Promise<void> {
  const bright = new Uint8Array(CAMERA.width * CAMERA.height).fill(128);
  const [left, top] = [Math.floor((CAMERA.width - width) / 2), Math.floor((CAMERA.height - height) / 2)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) bright[(top + y) * CAMERA.width + left + x] = points[4 * (y * width + x)] ?? 0;
  const colour = new Uint8Array((CAMERA.width * CAMERA.height) / 2).fill(128);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), bright, colour]);
  await writeFile(
    file,
    Buffer.concat([Buffer.from(`YUV4MPEG2 W${CAMERA.width} H${CAMERA.height} F10:1 Ip A1:1 C420mpeg2\n`), frame, frame]),
  );
}
