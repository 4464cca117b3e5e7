import type { FetchInit, FetchResponse } from "@smimp/identity";
import { parseBaseUrl, randomBytes, toB64, utf8 } from "@smimp/protocol";
import { createIdentity, realClock } from "@smimp/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { createApi } from "./api.ts";
import { createSessions } from "./session.ts";

afterEach(() => void vi.useRealTimers());

test("a server that doesn't answer a farewell keeps nobody from closing", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const server = parseBaseUrl("https://smimp.alpha.example/");
  const { address, master } = createIdentity("alice#alpha.example", server, realClock());
  const token = toB64(randomBytes(32));
  const far = "2100-01-01T00:00:00Z";
  let left = 0;
  const fetch = async (url: string, { method, signal }: FetchInit): Promise<FetchResponse> => {
    if (url.endsWith("/destroy_session")) {
      await new Promise<never>((_resolve, reject) =>
        signal?.addEventListener("abort", () => {
          left++;
          reject(new Error("given up"));
        }),
      );
    }
    const challenge = method === "GET" ? { token } : { authentication_token: token, local: true };
    return { status: 200, headers: { get: () => null }, body: once(utf8(JSON.stringify({ ...challenge, expires_at: far }))) };
  };
  const sessions = createSessions(createApi(fetch), { address, baseUrl: server, master }, realClock);
  await sessions.with(server, async (held) => await Promise.resolve(expect(held).toBe(token)));
  const end = sessions.end();
  await vi.runAllTimersAsync();
  await end;
  expect(left).toBe(1);
}, 10_000);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
