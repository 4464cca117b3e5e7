// The few forms of DER (X.690) that a certificate needs. Test certificates only: nothing here ever reads untrusted bytes.

/** One DER value: tag, length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

/** SEQUENCE. */
export const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);

/** SET. */
export const set = (...content: readonly Uint8Array[]): Buffer => der(0x31, ...content);

/** INTEGER of non-negative big-endian bytes. */
export const integer = (bytes: Uint8Array): Buffer =>
  der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : Buffer.from(bytes));

/** BOOLEAN true; false is the default wherever a certificate has one, and left out. */
export const yes: Buffer = der(0x01, Buffer.of(0xff));

/** OCTET STRING. */
export const octets = (...content: readonly Uint8Array[]): Buffer => der(0x04, ...content);

/** BIT STRING with `unused` bits at its end. */
export const bits = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.of(unused), content);

/** UTF8String. */
export const utf8String = (text: string): Buffer => der(0x0c, Buffer.from(text, "utf8"));

/** OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift(0x80 | (left & 0x7f));
    bytes.push(...septets);
  }
  return der(0x06, Buffer.from(bytes));
}

/** A time as certificates write it: UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.[0-9]{3}Z$/, "Z")
    .replace(/[-:T]/g, "");
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

/** A value under a context tag, constructed: `[number] EXPLICIT`. */
export const tagged = (number: number, ...content: readonly Uint8Array[]): Buffer => der(0xa0 | number, ...content);

/** A value under a context tag, primitive: `[number] IMPLICIT`. */
export const taggedPrimitive = (number: number, content: Uint8Array): Buffer => der(0x80 | number, content);

/** DER as PEM under a label such as `CERTIFICATE`. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
