import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSocket, type Lookup } from "./public-socket.ts";

let server: Server;
let port: number;
let received: Buffer[];
let connections: number;

beforeEach(async () => {
  received = [];
  connections = 0;
  server = createServer((socket) => {
    connections++;
    socket.on("data", (bytes: Buffer) => received.push(bytes)).on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.close();
  await once(server, "close");
});

const loopback: Lookup = async () => await Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
const signal = AbortSignal.timeout(30_000);

describe("a socket", () => {
  it("is opened to an allowed address of the one look-up", async () => {
    let asked = 0;
    const lookup: Lookup = async () => {
      asked++;
      return await Promise.resolve([{ address: "10.0.0.1", family: 4 }, ...(await loopback(""))]);
    };
    const socket = await openSocket({ host: "a.example", port }, { lookup, allowed: (each) => each === "127.0.0.1", signal });
    expect([socket.remoteAddress, asked]).toEqual(["127.0.0.1", 1]);
    socket.destroy();
  });

  it("is given up before a byte is sent where it ended up elsewhere than was checked", async () => {
    const answers = [true, false];
    const opening = openSocket({ host: "a.example", port }, { lookup: loopback, allowed: () => answers.shift() === true, signal });
    await expect(opening).rejects.toMatchObject({ code: "insecure_transport" });
    expect([answers.length, received.length]).toEqual([0, 0]);
  });

  it("is not opened where no address is allowed", async () => {
    const opening = openSocket({ host: "a.example", port }, { lookup: loopback, allowed: () => false, signal });
    await expect(opening).rejects.toMatchObject({ code: "insecure_transport" });
    const literal = openSocket({ host: "127.0.0.1", port }, { lookup: loopback, allowed: () => false, signal });
    await expect(literal).rejects.toMatchObject({ code: "insecure_transport" });
    expect(connections).toBe(0);
  });

  it("waits for a name no longer than it may", async () => {
    const silent: Lookup = async () => await new Promise(() => undefined);
    const opening = openSocket({ host: "a.example", port }, { lookup: silent, allowed: () => true, signal: AbortSignal.timeout(20) });
    await expect(opening).rejects.toMatchObject({ code: "temporarily_unavailable" });
  });
});
