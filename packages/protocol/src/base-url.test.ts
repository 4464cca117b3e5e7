import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { hostOf, MAX_BASE_URL_LENGTH, MAX_WELL_KNOWN_BYTES, parseBaseUrl, parseWellKnown } from "./base-url.ts";
import { concat, utf8 } from "./bytes.ts";

const found = (text: string): string => parseWellKnown(utf8(text));
const code = (text: string): unknown => codeOf(() => found(text));

describe("parseBaseUrl", () => {
  it.each([
    "https://smimp.example.com/",
    "https://a.localhost/",
    "https://smimp.example.com:1/",
    "https://smimp.example.com:65535/",
    "https://smimp.example.com:4433/",
    "https://smimp.example.com/a/b-._~!$&'()*+,;=:@c/",
    "https://smimp.example.com/.../..a/a../",
  ])("takes %s", (url) => expect(parseBaseUrl(url)).toBe(url));

  it.each([
    "http://smimp.example.com/",
    "HTTPS://smimp.example.com/",
    " https://smimp.example.com/",
    "xhttps://smimp.example.com/",
    "https://smimp.example.com",
    "https://smimp.example.com/ ",
    "https://smimp.example.com/\n",
    "https://smimp.example.com/a",
    "https://smimp.example.com//",
    "https://smimp.example.com/a//",
    "https://smimp.example.com/./",
    "https://smimp.example.com/a/../",
    "https://smimp.example.com/%61/",
    "https://smimp.example.com/?a=1",
    "https://smimp.example.com/#a",
    "https://user@smimp.example.com/",
    "https://smimp.example.com:/",
    "https://smimp.example.com:0/",
    "https://smimp.example.com:080/",
    "https://smimp.example.com:443/",
    "https://smimp.example.com:65536/",
    "https://smimp.example.com:100000/",
    "https://Smimp.example.com/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://smimp.example.com./",
    "https:///",
    "https://sm\u00edmp.example.com/",
  ])("refuses %j", (url) => expect(codeOf(() => parseBaseUrl(url))).toBe("bad_request"));

  it("refuses what is no text, and what no record could hold", () => {
    for (const value of [null, undefined, 1, {}, ["https://smimp.example.com/"]])
      expect(codeOf(() => parseBaseUrl(value))).toBe("bad_request");
    const start = "https://smimp.example.com/";
    const longest = `${start}${"a".repeat(MAX_BASE_URL_LENGTH - start.length - 1)}/`;
    expect(parseBaseUrl(longest)).toBe(longest);
    expect(codeOf(() => parseBaseUrl(longest.replace("/a", "/aa")))).toBe("bad_request");
  });
});

it("hostOf leaves out everything but the host", () => {
  expect(hostOf(parseBaseUrl("https://smimp.example.com/"))).toBe("smimp.example.com");
  expect(hostOf(parseBaseUrl("https://smimp.example.com:8443/a:b/"))).toBe("smimp.example.com");
});

describe("parseWellKnown", () => {
  it.each([
    ["smimp.example.com", "https://smimp.example.com/"],
    ["SMIMP.Example.COM", "https://smimp.example.com/"],
    ["https://smimp.example.com", "https://smimp.example.com/"],
    ["HTTPS://smimp.example.com/", "https://smimp.example.com/"],
    ["https://smimp.example.com:443", "https://smimp.example.com/"],
    ["smimp.example.com:443/", "https://smimp.example.com/"],
    ["smimp.example.com:8443", "https://smimp.example.com:8443/"],
    ["smimp.example.com/Path", "https://smimp.example.com/Path/"],
    ["smimp.example.com/http:/", "https://smimp.example.com/http:/"],
    ["smimp.example.com:8443/a:b/", "https://smimp.example.com:8443/a:b/"],
    ["\ufeff smimp.example.com\t\r\n", "https://smimp.example.com/"],
    ["# one\n\n  # two\r\rsmimp.example.com\nother.example.com", "https://smimp.example.com/"],
    ["\u00a0smimp.example.com\u3000", "https://smimp.example.com/"],
  ])("finds %j", (text, url) => expect(found(text)).toBe(url));

  it.each([
    "",
    "\n\n",
    "# smimp.example.com",
    "smimp",
    "127.0.0.1",
    "smimp.example.com:",
    "smimp.example.com:0",
    "smimp.example.com:4430000",
    "smimp.example.com:443x",
    "smimp.example.com?x",
    "smimp.example.com/?x",
    "smimp.example.com/#x",
    "smimp.example.com//a",
    "user@smimp.example.com",
    "ftp://smimp.example.com",
    "https:smimp.example.com",
    "https:/smimp.example.com",
    "//smimp.example.com",
    "smimp.example.com other",
    "smimp.example.com\ufeff#",
    "\ufeff\ufeffx",
    "smimp\ufeff.example.com",
    "smimp.example.co\u212a",
    "sm\u0131mp.example.com",
    "\u212aate.example.com",
    "<html>",
    "x https://smimp.example.com",
  ])("finds no server in %j", (text) => expect(code(text)).toBe("unknown_user"));

  it.each(["http://smimp.example.com", "HTTP://smimp.example.com/", "http:", "http:smimp.example.com"])("takes no %j", (text) => {
    expect(code(text)).toBe("insecure_transport");
  });

  it("takes the name of a host that only begins like a scheme", () => {
    expect(found("http.example.com")).toBe("https://http.example.com/");
    expect(found("x.http:8443".replace("x.http", "a.example"))).toBe("https://a.example:8443/");
  });

  it("reads 4 KiB and not a byte more, and only UTF-8", () => {
    const host = utf8("smimp.example.com\n");
    const padded = (length: number): Uint8Array => concat(host, new Uint8Array(length - host.length).fill(0x20));
    expect(parseWellKnown(padded(MAX_WELL_KNOWN_BYTES))).toBe("https://smimp.example.com/");
    expect(codeOf(() => parseWellKnown(padded(MAX_WELL_KNOWN_BYTES + 1)))).toBe("unknown_user");
    expect(codeOf(() => parseWellKnown(concat(host, 0xff)))).toBe("unknown_user");
  });
});
