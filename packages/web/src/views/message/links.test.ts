import { describe, expect, test } from "vitest";
import { looksElsewhere, safeLink } from "./links.ts";

describe("a link", () => {
  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://smimp.alpha.example/1",
    "filesystem:https://a.example/x",
    "ftp://a.example/",
    "mailto:a@example.com",
    "//evil.example/",
    "/inbox",
    "#/settings",
    "?x",
    "",
    "https:evil.example",
    "https://",
    "http:///",
    "https:\\\\evil.example",
    "view-source:https://a.example/",
    "about:blank",
    "chrome://settings",
    "intent://a#Intent;end",
    "smimp:x",
  ])("leads nowhere but to http and https: %j", (address) => {
    expect(safeLink(address)).toBeNull();
  });

  test("loses a name that stands before its host to be taken for it, and shows letters of other scripts", () => {
    expect(safeLink("https://bank.example@evil.example/")).toEqual({ href: "https://evil.example/", host: "evil.example" });
    expect(safeLink("https://bаnk.example/")?.host).toMatch(/^xn--/);
    expect(safeLink("HTTP://A.Example:8080/x")).toEqual({ href: "http://a.example:8080/x", host: "a.example:8080" });
  });
});

describe("a link's text", () => {
  const elsewhere = (text: string, address: string): boolean => {
    const link = safeLink(address);
    if (link === null) throw new TypeError("no link");
    return looksElsewhere(text, link);
  };

  test.each([
    ["their menu", "https://example.com/menu"],
    ["https://example.com/menu", "https://example.com/menu"],
    ["https://example.com", "https://example.com/"],
    ["example.com", "https://example.com/"],
    ["www.example.com", "https://example.com/"],
    ["example.com", "https://www.example.com/"],
    ["https://example.com/index.html", "https://example.com/index.html?from=mail"],
    ["1.5 million", "https://example.com/"],
    ["https://example.com/ (our menu)", "https://example.com/menu"],
    ["Speisekarte für Grüße", "https://example.com/"],
    [`https://example.com/${"ü".repeat(400)}`, `https://example.com/${"ü".repeat(400)}`],
    [`${" ".repeat(400)}their menu`, "https://example.com/menu"],
  ])("says nothing wrong: %j to %s", (text, address) => {
    expect(elsewhere(text, address)).toBe(false);
  });

  test.each([
    ["https://bank.example/", "https://evil.example/"],
    ["bank.example", "https://evil.example/"],
    ["Go to bank.example now", "https://bank.example.evil.example/"],
    ["https://bank.example@evil.example/", "https://bank.example@evil.example/"],
    ["https://bаnk.example/", "https://bаnk.example/"],
    ["bank。example", "https://evil.example/"],
    ["bank .example", "https://evil.example/"],
    ["192.168.1.1", "https://evil.example/"],
    ["https://evil.example/ https://bank.example", "https://evil.example/x"],
    ["https://bank\u200b.example/login", "https://evil.example/"],
    ["https://bank\u2060.example/login", "https://evil.example/"],
    ["https://bank\u00ad.example/login", "https://evil.example/"],
    ["https://bank\u3164.example/login", "https://evil.example/"],
    ["https://bank\u2800.example/login", "https://evil.example/"],
    ["https://bank\u0301.example/login", "https://evil.example/"],
    [Array.from("https://bank.example").join("\u200b"), "https://evil.example/"],
    [`${"\u200b".repeat(1_000)}bank.example`, "https://evil.example/"],
    [`${" ".repeat(300)}https://bank.example/login`, "https://evil.example/"],
    [`Go${"\n ".repeat(300)}to bank.example`, "https://evil.example/"],
    [`${"word ".repeat(100)}bank.example`, "https://evil.example/"],
    [`https://evil.example/${"x".repeat(300)} bank.example`, "https://evil.example/"],
    ["bank·example", "https://evil.example/"],
    ["bankꓸexample", "https://evil.example/"],
    ["bank܁example", "https://evil.example/"],
    ["bank․example", "https://evil.example/"],
    ["bank﹒example", "https://evil.example/"],
    ["ｂａｎｋ．ｅｘａｍｐｌｅ", "https://evil.example/"],
    ["https://bank", "https://evil.example/"],
    ["https: //bank-example", "https://evil.example/"],
  ])("looks like another address: %j to %s", (text, address) => {
    expect(elsewhere(text, address)).toBe(true);
  });
});
