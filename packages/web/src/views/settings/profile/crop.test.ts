import { expect, test } from "vitest";
import { moved, wholeCrop, zoomed } from "./crop.ts";

const WIDE = { width: 400, height: 200 };

test("a picture begins with as much of its middle as fits", () => {
  expect(wholeCrop(WIDE)).toEqual({ x: 200, y: 100, side: 200 });
});

test("what is cut out stays within the picture, wherever it is moved and however it is sized", () => {
  expect(moved(wholeCrop(WIDE), 50, 50, WIDE)).toEqual({ x: 250, y: 100, side: 200 });
  expect(moved(wholeCrop(WIDE), -900, 0, WIDE)).toEqual({ x: 100, y: 100, side: 200 });
  const near = zoomed(wholeCrop(WIDE), 2, WIDE);
  expect(near).toEqual({ x: 200, y: 100, side: 100 });
  const corner = moved(near, 900, 900, WIDE);
  expect(corner).toEqual({ x: 350, y: 150, side: 100 });
  expect(zoomed(corner, 1, WIDE)).toEqual({ x: 300, y: 100, side: 200 });
  expect(zoomed(corner, 0, WIDE).side).toBe(200);
});
