import { expect, test } from "vitest";
import { isShowable } from "./picture.ts";

function png(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

function jpeg(width: number, height: number): Uint8Array {
  const app0 = [0xff, 0xe0, 0, 4, 1, 2];
  const tables = [0xff, 0xff, 0xc4, 0, 3, 9];
  const frame = [0xff, 0xc2, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 0, 0, 0];
  return Uint8Array.from([0xff, 0xd8, ...app0, ...tables, ...frame, 0xff, 0xd9]);
}

test("pictures of a size that a screen can have are shown", () => {
  expect(isShowable(png(256, 128), "image/png")).toBe(true);
  expect(isShowable(jpeg(4_096, 1), "image/jpeg")).toBe(true);
});

test("pictures that would unfold to more than that, to nothing, or that are none, are not", () => {
  expect(isShowable(png(60_000, 60_000), "image/png")).toBe(false);
  expect(isShowable(png(0, 1), "image/png")).toBe(false);
  expect(isShowable(png(1, 1).subarray(0, 20), "image/png")).toBe(false);
  expect(isShowable(new Uint8Array(33), "image/png")).toBe(false);
  expect(isShowable(jpeg(4_097, 10), "image/jpeg")).toBe(false);
  expect(isShowable(jpeg(10, 10).subarray(0, 12), "image/jpeg")).toBe(false);
  expect(isShowable(Uint8Array.from([0xff, 0xd8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), "image/jpeg")).toBe(false);
  expect(isShowable(Uint8Array.from([0xff, 0xd8, 0xff]), "image/jpeg")).toBe(false);
});
