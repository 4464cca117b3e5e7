import { expect, it } from "vitest";
import {
  ADDRESS,
  checkShape,
  HEX,
  lineOf,
  moreThan,
  NO_COUNT,
  NO_HEX,
  NO_TIME,
  noBytes,
  TIME,
  times,
  zeros,
} from "../../test/shape-checks.ts";
import { parseShape as parse } from "../schema.ts";
import * as folders from "./folders.ts";

const NAME = { takes: ["a", "A-z_09"], refuses: [1, "", "f".repeat(65), "a b", "a/b", "ä", "a\n", ".a"] };
const TYPE = { takes: ["short-message", "x-custom-a"], refuses: [1, "", "mail", "Email"] };
const name = "f".repeat(64);
const listing = {
  message_id: HEX,
  received_at: TIME,
  position: 1,
  read: false,
  from: ADDRESS,
  size: 1,
  archive: zeros(120),
  summary: zeros(1_080),
};

it("has the endpoints of folders and of what clients note", () => {
  expect(Object.fromEntries(Object.entries(folders).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    getFolders: "GET folders owner, nothing -> usual json, 65536",
    getFoldersOfType: "GET folders/{name} owner, nothing -> usual json, 65536",
    createFolder: "POST folders owner, json -> 201 nothing, 65536",
    changeFolder: "POST folders/{name} owner, json -> usual nothing, 65536",
    deleteFolder: "DELETE folders/{name} owner, nothing -> usual nothing, 65536",
    getFolder: "GET folder/{message_type}? owner, nothing -> usual json, 65536",
    getNamedFolder: "GET folder/{message_type}/{name}? owner, nothing -> usual json, 65536",
    moveMessage: "POST message_move/{id} owner, json -> usual nothing, 65536",
    setMessageExtensions: "POST message_extensions/{id} owner, json -> usual nothing, 65536",
  });
});

it.each([folders.createFolder, folders.changeFolder])("takes folders: $method $path", ({ body }) => {
  checkShape(
    body,
    { name, message_type: "email", parent: name, display_name: zeros(1_024) },
    {
      name: NAME,
      message_type: TYPE,
      parent: { takes: [null, ...NAME.takes], refuses: NAME.refuses },
      display_name: { takes: [null, ""], refuses: moreThan(1_024) },
    },
  );
});

it.each([folders.getFolders, folders.getFoldersOfType])("shows folders: $method $path", ({ answer }) => {
  const folder = { name: "", message_type: "email", parent: "", display_name: "", total: 0, unread: 0 };
  const takes = [
    [],
    [{ ...folder, parent: null, display_name: null }],
    [{ name: "", message_type: "email", parent: null, display_name: null }],
  ];
  const wrong = [
    ...[1, null, undefined].map((name) => ({ ...folder, name })),
    ...[1, undefined, "mail"].map((type) => ({ ...folder, message_type: type })),
    ...[1, undefined].flatMap((text) => [
      { ...folder, parent: text },
      { ...folder, display_name: text },
    ]),
    ...NO_COUNT.flatMap((count) => [
      { ...folder, total: count },
      { ...folder, unread: count },
    ]),
  ];
  checkShape(answer, { folders: [folder] }, { folders: { takes, refuses: [null, [1], ...wrong.map((each) => [each])] } });
});

it.each([folders.getFolder, folders.getNamedFolder])("shows messages in pages: $method $path", ({ query, answer }) => {
  checkShape(
    query,
    { cursor: "c".repeat(128) },
    {
      cursor: { optional: true, takes: ["a", "A0_.-"], refuses: [1, "", "c".repeat(129), "a b", "a/", "/a", "é"] },
    },
  );
  for (const [text, limit] of [
    ["1", 1],
    ["500", 500],
    ["007", 7],
  ] as const) {
    expect(parse(query, { limit: text })).toEqual({ limit });
  }
  for (const limit of ["0", "501", "", "-1", "1.5", "1000", "x1", "1x", 1]) {
    expect(() => parse(query, { limit })).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  }
  const wrong = [
    ...NO_HEX.map((value) => ({ ...listing, message_id: value })),
    ...NO_TIME.map((value) => ({ ...listing, received_at: value })),
    ...[null, "true", undefined].map((value) => ({ ...listing, read: value })),
    ...["alice", "Alice#example.com", 1].map((value) => ({ ...listing, from: value })),
    ...NO_COUNT.map((value) => ({ ...listing, size: value })),
    ...noBytes(120)
      .slice(1)
      .map((value) => ({ ...listing, archive: value })),
    ...moreThan(1_080).map((value) => ({ ...listing, summary: value })),
  ];
  checkShape(
    answer,
    { messages: times(500, listing), cursor: "c", state: "9".repeat(64) },
    {
      messages: {
        takes: [[], [{ ...listing, archive: null, summary: null }]],
        refuses: [null, times(501, listing), [1], ...wrong.map((each) => [each])],
      },
      cursor: { takes: [null, ""], refuses: [1] },
      state: { takes: ["0"], refuses: [1, "", "x", "1x", "x1", "9".repeat(65)] },
    },
  );
});

it("parses what stands in paths", () => {
  checkShape(folders.getFoldersOfType.params, { name: "email" }, { name: TYPE });
  for (const { params } of [folders.changeFolder, folders.deleteFolder]) checkShape(params, { name }, { name: NAME });
  checkShape(folders.getFolder.params, { message_type: "email" }, { message_type: TYPE });
  checkShape(folders.getNamedFolder.params, { message_type: "email", name }, { message_type: TYPE, name: NAME });
  for (const { params } of [folders.moveMessage, folders.setMessageExtensions])
    checkShape(params, { id: HEX }, { id: { refuses: NO_HEX } });
});

it("moves messages and keeps what is noted about them", () => {
  checkShape(folders.moveMessage.body, { folder: name }, { folder: { takes: [null, ...NAME.takes], refuses: NAME.refuses } });
  checkShape(
    folders.setMessageExtensions.body,
    { extensions: zeros(16_384) },
    { extensions: { takes: [""], refuses: [null, ...moreThan(16_384)] } },
  );
});
