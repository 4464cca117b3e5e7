import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import type { FromProgram, Note, Order, ToProgram } from "./messages.ts";

/** The passphrase of every storage here. */
export const PASSPHRASE = "a passphrase for tests";
/** The deed of opening an account. */
export const JOIN = "join";

/** What became of a deed. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "failed"; readonly reason: string }
  /** The program ended without a word. */
  | { readonly kind: "killed" };

/** A person's program in a process of its own. */
export interface Program {
  /** Resolves once it can be told to do something. */
  open(file: string, network: DevelopmentNetwork, ahead: number): Promise<void>;
  /** Does a deed; resolves when it says how that ended, or ends itself. */
  do(deed: string, order: Order, onNote: (note: Note) => void): Promise<Outcome>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
  /** Ends it in good order; killed where it doesn't. */
  close(): Promise<void>;
}

const ENTRY = new URL("./program-entry.ts", import.meta.url);
/** How long a program may take to end in good order, milliseconds. */
const GOODBYE = 10_000;

/** Starts a program that waits to be told what to do: so that what is interrupted is its work and not its start. */
export function startProgram(): Program {
  // Compiled code is kept between runs, as `smimp` does it.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
  const child: ChildProcess = fork(ENTRY, { stdio: ["ignore", "inherit", "inherit", "ipc"], env });
  const heard = new Set<(message: FromProgram | null) => void>();
  child.on("message", (message: FromProgram) => heard.forEach((each) => each(message)));
  child.on("exit", () => heard.forEach((each) => each(null)));
  const warm = next((message) => message.kind === "warm");

  /** The first message of a kind; null where the program ends before. */
  async function next(wanted: (message: FromProgram) => boolean): Promise<FromProgram | null> {
    if (child.exitCode !== null || child.signalCode !== null) return null;
    return await new Promise((resolve) => {
      const listener = (message: FromProgram | null): void => {
        if (message !== null && !wanted(message)) return;
        heard.delete(listener);
        resolve(message);
      };
      heard.add(listener);
    });
  }
  const tell = (message: ToProgram): void => void child.send(message, () => undefined);
  const gone = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };

  return {
    open: async (file, network, ahead) => {
      await warm;
      const open = next((message) => message.kind === "open");
      tell({ kind: "open", file, network, ahead });
      if ((await open) === null) throw new Error("the program ended before it was told to do anything");
    },
    do: async (deed, order, onNote) => {
      const ended = next((message) => {
        if (message.kind === "note") onNote(message.note);
        return message.kind === "done" || message.kind === "refused" || message.kind === "failed";
      });
      tell({ kind: "do", deed, order });
      const message = await ended;
      return message === null || message.kind === "warm" || message.kind === "open" || message.kind === "note"
        ? { kind: "killed" }
        : message;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await gone();
    },
    close: async () => {
      if (child.connected) tell({ kind: "close" });
      const timer = setTimeout(() => child.kill("SIGKILL"), GOODBYE);
      await gone();
      clearTimeout(timer);
    },
  };
}
