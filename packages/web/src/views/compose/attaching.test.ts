import { describe, expect, it } from "vitest";
import { compose } from "../../messages/en/compose.ts";
import { attach } from "./attaching.ts";

const how = { texts: compose.attachments, size: (bytes: number) => `${bytes} bytes`, time: () => "10:15" };
const limits = { size: 10, count: 3 };
const file = (name: string, text: string, type = "text/plain"): File => new File([text], name, { type });
const names = (...files: readonly File[]): readonly string[] => attach(files, 0, limits, how).added.map(({ name }) => name);

describe("files that are attached", () => {
  it("keep their names, but for what no name may hold", () => {
    expect(names(file("plan.txt", "a"), file("../../etc/passwd", "a"), file("gpj.\u202eexe", "a"))).toEqual([
      "plan.txt",
      ".._.._etc_passwd",
      "gpj._exe",
    ]);
    expect(names(file("..", "a"))).toEqual(["File"]);
    const [long = ""] = names(file(`${"x".repeat(400)}.pdf`, "a"));
    expect(long).toHaveLength(255);
    expect(long.endsWith(".pdf")).toBe(true);
  });

  it("that were pasted as pictures are told apart by when", () => {
    expect(names(file("image.png", "a", "image/png"))).toEqual(["Picture 10.15.png"]);
    expect(names(file("image.png", "a"))).toEqual(["image.png"]);
  });

  it("have a media type that every client reads", () => {
    const types = ["Text/HTML; charset=utf-8", "", "no type", "image/svg+xml"].map((type) => {
      const odd = { name: "a", size: 1, type } as File;
      return attach([odd], 0, limits, how).added[0]?.mediaType;
    });
    expect(types).toEqual(["text/html", "application/octet-stream", "application/octet-stream", "image/svg+xml"]);
  });

  it("are refused where they are empty, too large or too many, and it is said why", () => {
    expect(attach([file("folder", "")], 0, limits, how).problems).toEqual([compose.attachments.empty("folder")]);
    expect(attach([file("big", "x".repeat(11)), file("fits", "x".repeat(10))], 0, limits, how)).toMatchObject({
      added: [{ name: "fits" }],
      problems: [compose.attachments.tooLarge("big", "10 bytes")],
    });
    expect(attach([file("a", "a"), file("b", "b")], 2, limits, how)).toMatchObject({
      added: [{ name: "a" }],
      problems: [compose.attachments.tooMany(3)],
    });
    expect(attach([file("big", "x".repeat(99))], 0, { size: null, count: 3 }, how).added).toHaveLength(1);
  });
});
