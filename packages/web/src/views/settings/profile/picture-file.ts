import type { Crop } from "./crop.ts";

/** Types of images that are taken. What can hold scripts is none of them. */
export const PICTURE_TYPES: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"];

/** Pixels of a side of the picture that is kept. */
const SIDE = 512;
/** Bytes of the largest picture that a server takes (protocol section 3). */
const MOST_BYTES = 1024 * 1024;
const QUALITIES = [0.9, 0.75, 0.6, 0.4];
/** Pixels of the largest image that is opened: what unfolds to more than a device has room for is no picture of anybody. */
const MOST_PIXELS = 100_000_000;

/** Opens a picture; null for a file that is none. */
export async function openPicture(file: File): Promise<ImageBitmap | null> {
  if (!PICTURE_TYPES.includes(file.type)) return null;
  try {
    const picture = await createImageBitmap(file);
    if (picture.width > 0 && picture.width * picture.height <= MOST_PIXELS) return picture;
    picture.close();
    return null;
  } catch {
    return null;
  }
}

/** Draws part of a picture into a square. */
export function drawPart(canvas: HTMLCanvasElement, picture: ImageBitmap, { x, y, side }: Crop): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, x - side / 2, y - side / 2, side, side, 0, 0, canvas.width, canvas.height);
}

/** Part of a picture as a file of its own, small enough to be kept: PNG where it is see-through, otherwise JPEG. Nothing else of the file goes along. */
export async function pictureOf(picture: ImageBitmap, crop: Crop): Promise<Blob> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  drawPart(canvas, picture, crop);
  if (isSeeThrough(canvas)) {
    const png = await blobOf(canvas, "image/png");
    if (png.size <= MOST_BYTES) return png;
    fillBehind(canvas);
  }
  for (const quality of QUALITIES) {
    // oxlint-disable-next-line no-await-in-loop -- the next only where this one is too large
    const jpeg = await blobOf(canvas, "image/jpeg", quality);
    if (jpeg.size <= MOST_BYTES) return jpeg;
  }
  throw new DOMException("the picture can't be made small enough", "QuotaExceededError");
}

function isSeeThrough(canvas: HTMLCanvasElement): boolean {
  const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
  for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 255) < 250) return true;
  return false;
}

function fillBehind(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--code-light");
  context.fillRect(0, 0, canvas.width, canvas.height);
}

async function blobOf(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return await new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new DOMException("there is no canvas", "NotSupportedError")) : resolve(blob)),
      type,
      quality,
    );
  });
}
