// Pictures that may be shown: of pixels, by their first bytes and not by what they are called, and none that would fill the memory.

/** A picture that may be shown. */
export interface Picture {
  readonly type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  readonly width: number;
  readonly height: number;
}

/** Pixels of a picture that is shown. */
const MAX_PIXELS = 50_000_000;
/** Bytes of a picture that are looked at to find its size. */
const HEAD = 256 * 1024;

/** What a file is, if it is a picture that may be shown. */
export async function pictureOf(file: Blob): Promise<Picture | null> {
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const picture = pngOf(bytes) ?? gifOf(bytes) ?? webpOf(bytes) ?? jpegOf(bytes);
  if (picture === null || picture.width === 0 || picture.height === 0) return null;
  return picture.width * picture.height > MAX_PIXELS ? null : picture;
}

/** A file as the picture that its bytes are, whatever it is called; null where it is none that may be shown. */
export async function asPicture(file: Blob): Promise<Blob | null> {
  const picture = await pictureOf(file);
  return picture === null ? null : new Blob([file], { type: picture.type });
}

/** Whether a file calls itself a picture that may turn out to be one. */
export function mayBePicture({ mediaType, name }: { readonly mediaType: string; readonly name: string }): boolean {
  return /^image\/(?:png|jpe?g|gif|webp)$/i.test(mediaType) || /\.(?:png|jpe?g|gif|webp)$/i.test(name);
}

function begins(bytes: Uint8Array, text: string, at = 0): boolean {
  return Array.from(text).every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function pngOf(bytes: Uint8Array): Picture | null {
  if (bytes.length < 24 || !begins(bytes, "\u0089PNG\r\n\u001a\n") || !begins(bytes, "IHDR", 12)) return null;
  return { type: "image/png", width: view(bytes).getUint32(16), height: view(bytes).getUint32(20) };
}

function gifOf(bytes: Uint8Array): Picture | null {
  if (bytes.length < 10 || !(begins(bytes, "GIF87a") || begins(bytes, "GIF89a"))) return null;
  return { type: "image/gif", width: view(bytes).getUint16(6, true), height: view(bytes).getUint16(8, true) };
}

function webpOf(bytes: Uint8Array): Picture | null {
  if (bytes.length < 30 || !begins(bytes, "RIFF") || !begins(bytes, "WEBP", 8)) return null;
  const data = view(bytes);
  const type = "image/webp";
  if (begins(bytes, "VP8X", 12)) {
    const size = (at: number): number => 1 + data.getUint16(at, true) + (bytes[at + 2] ?? 0) * 65_536;
    return { type, width: size(24), height: size(27) };
  }
  if (begins(bytes, "VP8L", 12)) {
    const bits = data.getUint32(21, true);
    return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (!begins(bytes, "VP8 ", 12)) return null;
  return { type, width: data.getUint16(26, true) & 0x3fff, height: data.getUint16(28, true) & 0x3fff };
}

function jpegOf(bytes: Uint8Array): Picture | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const data = view(bytes);
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    // Frames but for those of tables.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { type: "image/jpeg", height: data.getUint16(at + 5), width: data.getUint16(at + 7) };
    at += 2 + data.getUint16(at + 2);
  }
  return null;
}
