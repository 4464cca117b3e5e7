/** A square part of an image, by its middle and its side, in pixels of the image. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Width and height, pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** How far one can go in. */
export const MOST_ZOOM = 5;

/** As much as fits of the middle. */
export function wholeCrop({ width, height }: Extent): Crop {
  return { x: width / 2, y: height / 2, side: Math.min(width, height) };
}

/** The part moved by so many pixels of the image; it stays within. */
export function moved({ x, y, side }: Crop, dx: number, dy: number, { width, height }: Extent): Crop {
  const within = (at: number, length: number): number => Math.min(length - side / 2, Math.max(side / 2, at));
  return { x: within(x + dx, width), y: within(y + dy, height), side };
}

/** The part with another size: 1 is as much as fits. */
export function zoomed({ x, y }: Crop, zoom: number, extent: Extent): Crop {
  const side = Math.min(extent.width, extent.height) / Math.min(MOST_ZOOM, Math.max(1, zoom));
  return moved({ x, y, side }, 0, 0, extent);
}
