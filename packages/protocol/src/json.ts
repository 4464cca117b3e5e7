import { fromUtf8 } from "./bytes.ts";
import { SmimpError } from "./problem.ts";

/** Deepest nesting of arrays and objects (protocol section 1). */
export const MAX_JSON_DEPTH = 64;

/** A value of I-JSON. Objects have no prototype, so that `__proto__` is an ordinary name. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

const PLAIN_STRING = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
const WHITE_SPACE = /[\t\n\r ]*/y;
// U+FDD0 to U+FDEF and the last two of each plane.
const NONCHARACTER =
  /[\ufdd0-\ufdef]|[\ufffe\uffff]|[\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}]/u;

/**
 * Parses a JSON text by the rules of protocol section 1 (I-JSON, integers only): no byte-order mark, no duplicate names
 * at any depth, no lone surrogates or noncharacters, at most 64 levels. JSON.parse is laxer in each of these, which is
 * why it is not enough. `maxValues` bounds the time that a stranger's text takes: objects, arrays and what is in them, each
 * counted. Throws `bad_request`.
 */
export function parseJson(text: string, maxValues = Number.POSITIVE_INFINITY): JsonValue {
  const reader = new Reader(text, maxValues);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** Parses a JSON text given as UTF-8 bytes, by the rules of `parseJson`. Throws `bad_request`. */
export function parseJsonBytes(bytes: Uint8Array, maxValues?: number): JsonValue {
  return parseJson(fromUtf8(bytes), maxValues);
}

class Reader {
  readonly #text: string;
  #at = 0;
  #left: number;

  constructor(text: string, maxValues: number) {
    this.#text = text;
    this.#left = maxValues;
  }

  end(): void {
    this.#skip();
    if (this.#at !== this.#text.length) this.#fail("text after the value");
  }

  value(depth: number): JsonValue {
    if (this.#left-- <= 0) this.#fail("too many values");
    this.#skip();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonValue {
    this.#deepen(depth);
    const object = Object.create(null) as Record<string, JsonValue>;
    this.#skip();
    if (this.#take("}")) return object;
    do {
      this.#skip();
      if (this.#text[this.#at] !== '"') this.#fail("a name must be a string");
      const name = this.#string();
      if (Object.hasOwn(object, name)) this.#fail("a name stands twice");
      this.#skip();
      if (!this.#take(":")) this.#fail("a colon is missing");
      object[name] = this.value(depth);
      this.#skip();
    } while (this.#take(","));
    if (!this.#take("}")) this.#fail("an object does not end");
    return object;
  }

  #array(depth: number): JsonValue {
    this.#deepen(depth);
    const array: JsonValue[] = [];
    this.#skip();
    if (this.#take("]")) return array;
    do {
      array.push(this.value(depth));
      this.#skip();
    } while (this.#take(","));
    if (!this.#take("]")) this.#fail("an array does not end");
    return array;
  }

  #string(): string {
    const start = this.#at++;
    let escaped = false;
    for (;;) {
      PLAIN_STRING.lastIndex = this.#at;
      this.#at += PLAIN_STRING.exec(this.#text)?.[0].length ?? 0;
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== "\\") this.#fail(next === undefined ? "a string does not end" : "a control character in a string");
      escaped = true;
      this.#at += 2;
    }
    this.#at++;
    let value = this.#text.slice(start + 1, this.#at - 1);
    if (escaped) {
      try {
        // Resolving escapes is what JSON.parse does right.
        value = JSON.parse(this.#text.slice(start, this.#at)) as string;
      } catch {
        this.#fail("a wrong escape");
      }
    }
    if (!value.isWellFormed()) this.#fail("a lone surrogate");
    if (NONCHARACTER.test(value)) this.#fail("a noncharacter");
    return value;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0];
    if (digits === undefined) this.#fail("not a value");
    this.#at += digits.length;
    const value = Number(digits);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#fail("not an integer from -(2^53-1) to 2^53-1");
    return value;
  }

  #word<Value extends boolean | null>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail("not a value");
    this.#at += word.length;
    return value;
  }

  #deepen(depth: number): void {
    this.#at++;
    if (depth > MAX_JSON_DEPTH) this.#fail("nested too deep");
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skip(): void {
    WHITE_SPACE.lastIndex = this.#at;
    // It always matches, if nothing: what it matched ends where the next search would begin.
    WHITE_SPACE.test(this.#text);
    this.#at = WHITE_SPACE.lastIndex;
  }

  // A fraction, exponent or leading zero ends up as text where a comma or an end is due.
  #fail(what: string): never {
    throw new SmimpError("bad_request", `JSON: ${what} (character ${this.#at})`);
  }
}
