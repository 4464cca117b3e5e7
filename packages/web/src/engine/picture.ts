/** Pixels of the longer side of a picture that is shown: some bytes can unfold to more than a device has room for. */
const LONGEST_SIDE = 4_096;

/** Whether an image can be shown without harm: PNG or JPEG, whole enough to say how large it is, and not larger than it may be. */
export function isShowable(bytes: Uint8Array, mediaType: "image/png" | "image/jpeg"): boolean {
  const size = mediaType === "image/png" ? sizeOfPng(bytes) : sizeOfJpeg(bytes);
  return size !== null && Math.min(...size) > 0 && Math.max(...size) <= LONGEST_SIDE;
}

type Size = readonly [width: number, height: number];

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The first chunk says it: length, `IHDR`, width, height. */
function sizeOfPng(bytes: Uint8Array): Size | null {
  if (bytes.length < 24) return null;
  const view = viewOf(bytes);
  return view.getUint32(12) === 0x49484452 ? [view.getUint32(16), view.getUint32(20)] : null;
}

/** The frame's header says it, the first segment of a type from C0 to CF that is no table. */
function sizeOfJpeg(bytes: Uint8Array): Size | null {
  const view = viewOf(bytes);
  for (let at = 2; at + 9 <= bytes.length;) {
    if (view.getUint8(at) !== 0xff) return null;
    const type = view.getUint8(at + 1);
    // Filling, and markers that stand alone.
    if (type === 0xff) at += 1;
    else if (type === 0x01 || (type >= 0xd0 && type <= 0xd8)) at += 2;
    else if (type >= 0xc0 && type <= 0xcf && type !== 0xc4 && type !== 0xc8 && type !== 0xcc)
      return [view.getUint16(at + 7), view.getUint16(at + 5)];
    else at += 2 + view.getUint16(at + 2);
  }
  return null;
}
