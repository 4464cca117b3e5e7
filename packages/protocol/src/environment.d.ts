// The only two globals beyond ECMAScript that this package uses; Node and every browser have them.
// Nothing else of a platform is in scope here, so that no I/O, clock or environment can creep in.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: true; ignoreBOM: true });
  decode(bytes: Uint8Array): string;
}
// Of the language itself since ECMAScript 2026; not yet in the library that the compiler is given, nor in every browser.
interface Uint8ArrayConstructor {
  fromBase64?(text: string, options: { alphabet: "base64url" }): Uint8Array<ArrayBuffer>;
}
interface Uint8Array {
  toBase64?(options: { alphabet: "base64url"; omitPadding: true }): string;
}
