import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENDPOINTS, MAX_JSON_BYTES, MAX_KEYSTORE_BYTES, maxBodyOf, parseMessageType, parseShape, type Endpoint } from "./index.ts";

const ALL: readonly Endpoint[] = Object.values<Endpoint>(ENDPOINTS);

/** Methods and paths in the table of protocol section 12, parameters as `{}`. */
function documented(): Set<string> {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/protocol.md"), "utf8");
  const found = new Set<string>();
  for (const row of text.slice(text.indexOf("## 12. Endpoints")).split("\n")) {
    const [, cell = ""] = row.split("|");
    // A row names methods, the paths that they go with, then perhaps further methods and paths.
    let methods: string[] = [];
    let named = false;
    for (const word of cell.replace(/[,;]/g, " ").trim().split(/\s+/)) {
      if (/^(?:GET|POST|PUT|DELETE)$/.test(word)) {
        methods = named ? [word] : [...methods, word];
        named = false;
      } else {
        for (const path of pathsOf(word)) for (const method of methods) found.add(`${method} ${path}`);
        named = true;
      }
    }
  }
  return found;
}

function pathsOf(word: string): string[] {
  const plain = word.replace(/\?.*$/, "").replace(/\{[^}]*\}/g, "{}");
  const [, short, rest] = /^(.*)\[(.*)\]$/.exec(plain) ?? [];
  return short === undefined ? [plain] : [short, `${short}${rest}`];
}

describe("endpoints", () => {
  it("have a method and path that no other has", () => {
    const places = ALL.map(({ method, path }) => `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it("stand in the protocol document", () => {
    const known = documented();
    expect(known.size).toBeGreaterThan(30);
    // `.../{hash}` stands for both lists.
    const missing = ALL.map(({ method, path }) => `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`).filter(
      (place) => !known.has(place) && !place.endsWith("list/{}"),
    );
    expect(missing).toEqual([]);
  });

  it("parse the names in their paths", () => {
    for (const { path, params } of ALL) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([path, params !== undefined]).toEqual([path, names.length > 0]);
    }
  });

  it("bound the bodies they take, each by itself or all alike", () => {
    expect([maxBodyOf(ENDPOINTS.getMessageKey), maxBodyOf(ENDPOINTS.putKeystore)]).toEqual([MAX_JSON_BYTES, MAX_KEYSTORE_BYTES]);
    for (const endpoint of ALL) expect(maxBodyOf(endpoint)).toBeGreaterThan(0);
  });

  it("take the codes of device links as they are shown", () => {
    const { params } = ENDPOINTS.getDeviceLink;
    expect(parseShape(params, { code: "A2".repeat(8) })).toEqual({ code: "A2".repeat(8) });
    for (const code of ["A".repeat(15), "A".repeat(17), "a".repeat(16), "1".repeat(16), " ".repeat(16)]) {
      expect(() => parseShape(params, { code })).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
    }
  });

  it("drop unknown members and refuse wrong ones", () => {
    const body = ENDPOINTS.getMessageKey.body;
    const request = { address: "alice#example.com", message_type: "email", more: 1 };
    expect(parseShape(body, request)).toEqual({ address: "alice#example.com", message_type: parseMessageType("email") });
    expect(() => parseShape(body, { ...request, address: "alice" })).toThrow(expect.objectContaining({ code: "bad_address" }));
    expect(() => parseShape(body, { ...request, message_type: "mail" })).toThrow(expect.objectContaining({ code: "bad_request" }));
  });
});
