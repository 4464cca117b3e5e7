import { fork } from "node:child_process";
import { once } from "node:events";
import type { DevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import type { Address, BaseUrl } from "@smimp/protocol";

/** Where a program's storage is, and how it finds servers; with `invite` it opens an account there. */
export interface DiskClientPlace {
  readonly file: string;
  readonly network: DevelopmentNetwork;
  readonly address: Address;
  readonly invite: { readonly baseUrl: BaseUrl; readonly code: string } | null;
}

/** A line of an inbox. */
export interface DiskClientLine {
  readonly messageId: string;
  readonly subject: string;
  readonly state: string;
}

/** What a program can be asked for. Plain JSON goes both ways. */
export interface DiskClientCalls {
  open(place: DiskClientPlace): void;
  enqueue(to: Address, subject: string, body: string): string;
  /** The state of each copy. */
  flush(id: string): readonly string[];
  sync(): void;
  list(): readonly DiskClientLine[];
  read(messageId: string): string;
  /** Subjects in the outbox. */
  queued(): readonly string[];
  close(): void;
}

/** A person's program in a process of its own, on a disk that fails for it alone. */
export type DiskClient = {
  readonly [Name in keyof DiskClientCalls]: (
    ...args: Parameters<DiskClientCalls[Name]>
  ) => Promise<Awaited<ReturnType<DiskClientCalls[Name]>>>;
} & {
  readonly pid: number;
  /** Resolves once its process is gone. */
  end(): Promise<void>;
};

/** What it answers. An error is told by its name. */
export type DiskClientReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly text: string };

const ENTRY = new URL("./disk-client-entry.ts", import.meta.url);
const CALLS = ["open", "enqueue", "flush", "sync", "list", "read", "queued", "close"] as const satisfies readonly (keyof DiskClientCalls)[];

/** What it answered with an error, by its name. */
export class DiskClientError extends Error {
  override readonly name: string;
  constructor(name: string, text: string) {
    super(text);
    this.name = name;
  }
}

/** Starts a program with what it must have in its environment from its start. */
export function startDiskClient(env: Readonly<Record<string, string>>): DiskClient {
  const child = fork(ENTRY, { stdio: ["ignore", "inherit", "inherit", "ipc"], env: { ...process.env, ...env } });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  child.on("message", (reply: DiskClientReply) => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("error" in reply) call?.reject(new DiskClientError(reply.error, reply.text));
    else call?.resolve(reply.value);
  });
  child.on("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the program ended"));
  });
  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>();
    waiting.set(++last, answer);
    child.send({ id: last, name, args });
    return await answer.promise;
  };
  const calls = Object.fromEntries(CALLS.map((name) => [name, async (...args: readonly unknown[]) => await call(name, args)]));
  return Object.assign(calls as unknown as Omit<DiskClient, "pid" | "end">, {
    pid: child.pid ?? 0,
    end: async () => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
      if (child.connected) child.disconnect();
      await ended;
    },
  });
}
