import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSmimpError, randomBytes, SmimpError } from "@smimp/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliError } from "../failure.ts";
import { ConnectionLostError } from "./calls.ts";
import { openChannel } from "./channel.ts";
import { readDoor, removeDoor, writeDoor } from "./door.ts";
import { joinHost, type Guest } from "./guest.ts";
import { startHost, type Host } from "./host.ts";

let home = "";
const ends: (() => unknown)[] = [];
beforeEach(async () => (home = await mkdtemp(join(tmpdir(), "smimp-sharing-"))));
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(home, { recursive: true, force: true });
});

const sharing = { sealedKey: Uint8Array.of(1, 2, 3), secret: randomBytes(32) };

async function share(shared: object): Promise<{ readonly host: Host; readonly guest: Guest }> {
  const host = await startHost(home, sharing, shared);
  ends.push(async () => await host.close());
  return { host, guest: await joined() };
}

async function joined(secret = sharing.secret): Promise<Guest> {
  const door = await readDoor(home);
  const guest = door === null ? null : await joinHost(door.socket, secret);
  if (guest === null) throw new TypeError("nobody lets this guest in");
  ends.push(() => guest.close());
  return guest;
}

const pause = async (milliseconds: number): Promise<void> =>
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

describe("calls to another process", () => {
  it("take and give values of every kind, bytes and names that mean something elsewhere included", async () => {
    const value = {
      text: "ä\0",
      none: null,
      nothing: undefined,
      big: 2n ** 80n,
      bytes: Uint8Array.of(0, 255),
      list: [1, [2, { is: "function", id: 1 }]],
      map: new Map([["a", new Set([1])]]),
      date: new Date(5),
      is: "stream",
      constructor: "x",
    };
    const { guest } = await share({ inner: { echo: async (each: unknown) => each }, name: "n" });
    expect(await guest.caller.call(["inner", "echo"], [value])).toEqual(value);
    const proto = JSON.parse('{"__proto__": {"a": 1}}') as unknown;
    expect(JSON.stringify(await guest.caller.call(["inner", "echo"], [proto]))).toBe('{"__proto__":{"a":1}}');
    expect(guest.shape).toEqual({ inner: { is: "object", shape: { echo: { is: "method" } } }, name: { is: "value", value: "n" } });
  });

  it("reach only what is shared", async () => {
    const { guest } = await share({ inner: {}, add: async (a: number, b: number) => a + b });
    for (const path of [["toString"], ["inner", "constructor"], ["inner"], ["__proto__", "toString"], ["nothing"], []]) {
      await expect(guest.caller.call(path, [])).rejects.toBeInstanceOf(TypeError);
    }
    expect(await guest.caller.call(["add"], [1, 2])).toBe(3);
  });

  it("bring errors back as what they were", async () => {
    const errors = [
      new SmimpError("rate_limited", "slow down", { retryAfter: 7 }),
      new CliError("no", { exitCode: 3, advice: "try" }),
      new TypeError("wrong"),
      Object.assign(new Error("system"), { code: "ENOENT", path: "/x" }),
    ];
    const { guest } = await share({ fail: async (number: number) => await Promise.reject(errors[number] ?? new Error("none")) });
    const of = async (number: number): Promise<unknown> => await guest.caller.call(["fail"], [number]).catch((error: unknown) => error);
    expect(await of(0)).toSatisfy((error) => isSmimpError(error, "rate_limited") && error.retryAfter === 7);
    expect(await of(1)).toMatchObject({ exitCode: 3, advice: "try", message: "no" });
    expect(await of(2)).toBeInstanceOf(TypeError);
    expect(await of(3)).toMatchObject({ code: "ENOENT", path: "/x" });
  });

  it("hand over functions, streams and signals, in both directions", async () => {
    const { guest } = await share({
      collect: async ({
        open,
        onProgress,
      }: {
        readonly open: () => AsyncIterable<Uint8Array>;
        readonly onProgress: (done: number) => void;
      }) => {
        let length = 0;
        for await (const piece of open()) onProgress((length += piece.length));
        return length;
      },
      ask: async (question: () => Promise<boolean>) => await question(),
      wait: async ({ signal }: { readonly signal: AbortSignal }) =>
        await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    });
    const seen: number[] = [];
    const open = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 3; i++) yield new Uint8Array(100_000);
    };
    expect(await guest.caller.call(["collect"], [{ open, onProgress: (done: number) => seen.push(done) }])).toBe(300_000);
    expect(seen).toEqual([100_000, 200_000, 300_000]);
    expect(await guest.caller.call(["ask"], [async () => true])).toBe(true);
    const stop = new AbortController();
    const waiting = guest.caller.call(["wait"], [{ signal: stop.signal }]);
    await pause(50);
    stop.abort(new RangeError("mine"));
    await expect(waiting).rejects.toBeInstanceOf(RangeError);
  });

  it("give streams that end, fail, or are left early", async () => {
    let left = 0;
    const { guest } = await share({
      count: async function* (to: number) {
        try {
          for (let i = 0; i < to; i++) yield { i };
        } finally {
          left++;
        }
      },
      fail: async function* () {
        yield 1;
        throw new SmimpError("not_found", "gone");
      },
    });
    const all: unknown[] = [];
    for await (const each of guest.caller.call(["count"], [3])) all.push(each);
    expect(all).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    for await (const _each of guest.caller.call(["count"], [1_000_000])) break;
    expect(left).toBe(2);
    const failing = guest.caller.call(["fail"], [])[Symbol.asyncIterator]();
    expect(await failing.next()).toEqual({ value: 1, done: false });
    await expect(failing.next()).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
  });

  it("that are large come whole", async () => {
    const { guest } = await share({ echo: async (each: unknown) => each });
    const bytes = new Uint8Array(20_000_000).map((_, index) => index >> 7);
    expect(Buffer.from((await guest.caller.call(["echo"], [bytes])) as Uint8Array).equals(bytes)).toBe(true);
  });
});

describe("the process that has the mailbox", () => {
  it("lets calls end before it does, and takes no new ones", async () => {
    const gate = Promise.withResolvers<string>();
    const { host, guest } = await share({ slow: async () => await gate.promise });
    const slow = guest.caller.call(["slow"], []);
    await pause(50);
    const closed = host.close();
    await pause(50);
    expect([guest.isOpen(), await readDoor(home)]).toEqual([false, null]);
    gate.resolve("done");
    expect(await slow).toBe("done");
    await closed;
    await expect(guest.caller.call(["slow"], [])).rejects.toBeInstanceOf(ConnectionLostError);
  });

  it("that is gone fails what was under way, and says so", async () => {
    const { guest } = await share({ slow: async () => await new Promise(() => undefined) });
    const slow = guest.caller.call(["slow"], []);
    guest.close();
    await expect(slow).rejects.toBeInstanceOf(ConnectionLostError);
  });

  it("stops what a guest wanted that is gone", async () => {
    const aborted = Promise.withResolvers<void>();
    const { guest, host } = await share({
      wait: async ({ signal }: { readonly signal: AbortSignal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        await aborted.promise;
      },
    });
    void guest.caller.call(["wait"], [{ signal: new AbortController().signal }]).catch(() => undefined);
    await pause(50);
    expect(host.guests()).toBe(1);
    guest.close();
    await aborted.promise;
  });

  it("opens for the secret alone, and for nobody who only listens or talks", async () => {
    const { guest } = await share({ echo: async (each: unknown) => each });
    await expect(joined(randomBytes(32))).rejects.toBeInstanceOf(TypeError);
    const door = await readDoor(home);
    const raw = await answered(connect(door?.socket ?? ""), randomBytes(500));
    // Its random number, and a greeting that tells nothing.
    expect(raw.length).toBeLessThan(200);
    expect(await guest.caller.call(["echo"], ["still there"])).toBe("still there");
  });

  it("has a socket and a door that nobody else can use", async () => {
    await share({});
    for (const name of ["mailbox.door", "mailbox.sock"]) expect((await stat(join(home, name))).mode & 0o077).toBe(0);
    expect(Buffer.from(await readFile(join(home, "mailbox.door"))).includes(Buffer.from(sharing.secret).toString("base64url"))).toBe(false);
  });

  it("takes the place of one that was killed, and of a home with a long path", async () => {
    await writeFile(join(home, "mailbox.sock"), "");
    await writeDoor(home, { socket: join(home, "mailbox.sock"), sealedKey: Uint8Array.of(1) });
    expect(await joinHost(join(home, "mailbox.sock"), sharing.secret)).toBeNull();
    const { guest } = await share({ echo: async (each: unknown) => each });
    expect(await guest.caller.call(["echo"], [1])).toBe(1);
    const deep = await mkdtemp(join(home, `${"x".repeat(120)}-`));
    const far = await startHost(deep, sharing, {});
    const door = await readDoor(deep);
    expect([
      (await joinHost(door?.socket ?? "", sharing.secret)) === null,
      (await stat(join(door?.socket ?? "", ".."))).mode & 0o077,
    ]).toEqual([false, 0]);
    await far.close();
    await expect(stat(join(door?.socket ?? "", ".."))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is not taken for another: whoever answers in its place learns and says nothing", async () => {
    const heard: Buffer[] = [];
    const server = await listening((socket) => {
      socket.on("data", (piece: Buffer) => heard.push(piece));
      socket.write(randomBytes(300));
    });
    await writeDoor(home, { socket: server, sealedKey: Uint8Array.of(1) });
    expect(await joinHost(server, sharing.secret)).toBeNull();
    expect(Buffer.concat(heard).length).toBeLessThan(200);
    // One that passes everything on to the true one, but for what it changes.
    const { host } = await share({ echo: async (each: unknown) => each });
    const true_ = await readDoor(home);
    const between = await listening((socket) => {
      const other = connect(true_?.socket ?? "");
      let bytes = 0;
      other.pipe(socket);
      socket.on("data", (piece: Buffer) => {
        // A single bit, in what comes behind the greetings.
        if ((bytes += piece.length) > 200) piece[piece.length - 1] = (piece[piece.length - 1] ?? 0) ^ 1;
        other.write(piece);
      });
      socket.on("error", () => undefined).on("close", () => other.destroy());
      other.on("error", () => undefined).on("close", () => socket.destroy());
    });
    const guest = await joinHost(between, sharing.secret);
    await expect(guest?.caller.call(["echo"], ["x".repeat(300)])).rejects.toBeInstanceOf(ConnectionLostError);
    // The guest that came the straight way is still there.
    while (host.guests() !== 1) await pause(5);
  });
});

describe("a door", () => {
  it.each(["", "{", "[]", '{"socket":1,"sealed_key":"AA"}', '{"socket":"x","sealed_key":"="}'])(
    "with %j on it leads nowhere",
    async (text) => {
      await writeFile(join(home, "mailbox.door"), text);
      expect(await readDoor(home)).toBeNull();
      await removeDoor(home);
      await expect(stat(join(home, "mailbox.door"))).rejects.toMatchObject({ code: "ENOENT" });
    },
  );
});

async function listening(onSocket: (socket: Socket) => void): Promise<string> {
  const path = join(home, `s${ends.length}`);
  const server: Server = createServer(onSocket);
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  ends.push(() => void server.close());
  return path;
}

async function answered(socket: Socket, bytes: Uint8Array): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece)).on("error", () => undefined);
  socket.write(bytes);
  await new Promise((resolve) => {
    socket.on("close", resolve);
  });
  return Buffer.concat(pieces);
}

it("a line carries nothing before both sides know the secret", async () => {
  const path = await listening((socket) => void openChannel(socket, { secret: sharing.secret, side: "host" }, () => undefined));
  const socket = connect(path);
  ends.push(() => socket.destroy());
  expect(await openChannel(socket, { secret: randomBytes(32), side: "guest" }, () => undefined)).toBeNull();
});
