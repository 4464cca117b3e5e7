import { describe, expect, test } from "vitest";
import { asPicture, mayBePicture, pictureOf } from "./pictures.ts";

const bytes = (...parts: readonly (string | readonly number[])[]): Blob =>
  new Blob([
    Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (letter) => letter.charCodeAt(0)) : part))),
  ]);
const u32 = (value: number): readonly number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const png = (width: number, height: number): Blob =>
  bytes("\u0089PNG\r\n\u001a\n", u32(13), "IHDR", u32(width), u32(height), [8, 6, 0, 0, 0]);

describe("a picture", () => {
  test("is known by its first bytes, whatever it is called", async () => {
    expect(await pictureOf(png(20, 10))).toEqual({ type: "image/png", width: 20, height: 10 });
    expect(await pictureOf(bytes("GIF89a", [20, 0, 10, 0]))).toEqual({ type: "image/gif", width: 20, height: 10 });
    const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc2, 0, 17, 8, 0, 10, 0, 20, 3, 1, 1, 1]);
    expect(await pictureOf(jpeg)).toEqual({ type: "image/jpeg", width: 20, height: 10 });
    expect(await pictureOf(bytes("RIFF", u32(1), "WEBPVP8X", u32(10), [0, 0, 0, 0], [19, 0, 0, 9, 0, 0]))).toEqual({
      type: "image/webp",
      width: 20,
      height: 10,
    });
    expect(await pictureOf(bytes("RIFF", u32(1), "WEBPVP8L", u32(10), [0x2f, 19, 0x40, 2, 0], [0, 0, 0, 0, 0]))).toEqual({
      type: "image/webp",
      width: 20,
      height: 10,
    });
  });

  test.each([
    ["an SVG", bytes("<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>")],
    ["a page", bytes("<!doctype html><script>x</script>")],
    ["nothing", bytes()],
    ["half a head", bytes("\u0089PNG\r\n\u001a\n")],
    ["no pixels", png(0, 10)],
    ["more pixels than memory", png(100_000, 100_000)],
    ["a JPEG without a frame", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xd9, 0, 0, 0, 0])],
    ["a JPEG whose parts lead nowhere", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0, 0, 0])],
    ["a PDF", bytes("%PDF-1.7")],
  ])("is not %s", async (_name, file) => {
    expect(await pictureOf(file)).toBeNull();
  });

  test("is drawn as what it is, and not as what it says", async () => {
    expect((await asPicture(new Blob([png(20, 10)], { type: "image/svg+xml" })))?.type).toBe("image/png");
    expect(await asPicture(new Blob([png(100_000, 100_000)], { type: "image/png" }))).toBeNull();
    expect(await asPicture(new Blob(["<svg/>"], { type: "image/png" }))).toBeNull();
  });

  test("may be what says so by type or name, and never what draws itself", () => {
    expect(mayBePicture({ mediaType: "image/png", name: "x" })).toBe(true);
    expect(mayBePicture({ mediaType: "application/octet-stream", name: "x.JPG" })).toBe(true);
    expect(mayBePicture({ mediaType: "image/svg+xml", name: "x.svg" })).toBe(false);
  });
});
