import { describe, expect, it } from "vitest";
import { isHeld, rangeOf, writeCondition } from "./conditions.ts";

const call = (headers: Readonly<Record<string, string>>) => ({ header: (name: string) => headers[name] });

describe("conditions", () => {
  it("of writes are one ETag, or that there is none", () => {
    expect(writeCondition(call({ "if-match": '"ab"' }))).toEqual({ etag: "ab" });
    expect(writeCondition(call({ "if-none-match": "*" }))).toBe("none");
    expect(() => writeCondition(call({}))).toThrowError(expect.objectContaining({ code: "precondition_required" }));
    for (const headers of [{ "if-match": "*" }, { "if-match": 'W/"ab"' }, { "if-match": '"a", "b"' }, { "if-none-match": '"ab"' }]) {
      expect(() => writeCondition(call(headers))).toThrowError(expect.objectContaining({ code: "bad_request" }));
    }
  });

  it("of reads are any of the ETags", () => {
    expect(isHeld(call({ "if-none-match": '"x", W/"ab"' }), "ab")).toBe(true);
    expect(isHeld(call({ "if-none-match": '"x"' }), "ab")).toBe(false);
    expect(isHeld(call({}), "ab")).toBe(false);
  });
});

describe("ranges", () => {
  const range = (text: string) => rangeOf(call({ range: text }), 100, "etag");
  it("are one part of what is there", () => {
    expect(range("bytes=0-9")).toEqual({ start: 0, end: 9 });
    expect(range("bytes=90-")).toEqual({ start: 90, end: 99 });
    expect(range("bytes=90-1000")).toEqual({ start: 90, end: 99 });
    expect(range("bytes=-10")).toEqual({ start: 90, end: 99 });
    expect(range("bytes=-1000")).toEqual({ start: 0, end: 99 });
    expect(range("bytes=99-99")).toEqual({ start: 99, end: 99 });
    expect(range("BYTES= 0-9 ")).toEqual({ start: 0, end: 9 });
    expect(range(`bytes=90-${"9".repeat(30)}`)).toEqual({ start: 90, end: 99 });
    expect(range(`bytes=-${"9".repeat(30)}`)).toEqual({ start: 0, end: 99 });
  });
  it("that lie outside can't be met, and others are ignored", () => {
    expect(range("bytes=100-")).toBe("unsatisfiable");
    expect(range("bytes=-0")).toBe("unsatisfiable");
    expect(range(`bytes=${"9".repeat(30)}-`)).toBe("unsatisfiable");
    expect(rangeOf(call({ range: "bytes=0-" }), 0, "etag")).toBe("unsatisfiable");
    for (const text of ["bytes=9-0", "bytes=-", "bytes=0-1,3-4", "bytes=0-1,", "lines=1-2", "bytes=+1-2", "bytes=1-2.5", "bytes", ""])
      expect(range(text)).toBeNull();
  });
  it("are for the version that If-Range names", () => {
    const asked = (version: string) => rangeOf(call({ range: "bytes=0-9", "if-range": version }), 100, "etag");
    expect(asked('"etag"')).toEqual({ start: 0, end: 9 });
    for (const version of ['"other"', 'W/"etag"', "etag", "Mon, 23 Nov 2026 10:00:00 GMT", ""]) expect(asked(version)).toBeNull();
  });
});
