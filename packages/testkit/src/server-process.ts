import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import type { ServerConfig } from "@smimp/server";

/** How a server's process comes to an end of its own: an error that nobody awaits, a heap that is full, or an abort as of native code. */
export type Fault = "error" | "heap" | "abort";

/** What the parent tells the entry file. */
export type ToServer =
  | { readonly kind: "start"; readonly config: ServerConfig; readonly network: DevelopmentNetwork; readonly ahead: number }
  | { readonly kind: "clock"; readonly ahead: number }
  | { readonly kind: "network"; readonly network: DevelopmentNetwork }
  | { readonly kind: "fault"; readonly words: string; readonly fault: Fault }
  | { readonly kind: "collect" }
  | { readonly kind: "stop" };

/** What the entry file tells its parent. */
export type FromServer =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "collected"; readonly bytes: number };

/** A server in a process of its own, which a test may kill at any moment and start again on the same port and data. */
export interface ServerProcess {
  /** Port it listens on; the same after every restart. */
  readonly port: number;
  /** Process id of the run at hand. */
  pid(): number;
  /** Everything that all runs wrote to standard output and standard error. */
  logs(): string;
  /** Tells it where the other servers are. */
  setNetwork(network: DevelopmentNetwork): void;
  /** Sets its clock so many seconds ahead of the machine's (negative: behind it), also for the runs after this one. */
  setClock(ahead: number): void;
  /**
   * Makes it meet an error that nobody awaits and that holds those words, or another fault while it holds them; resolves with its exit
   * code, or the signal that ended it, once the process is gone.
   */
  fault(words: string, fault?: Fault): Promise<number | NodeJS.Signals | null>;
  /** Has it give back the memory that nobody uses; resolves with the bytes that its program still holds, 0 where it is gone. */
  collect(): Promise<number>;
  /** SIGKILL, as a power cut would, or another signal; resolves once the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts again on the same port and data directory; resolves once it listens. */
  restart(): Promise<void>;
  /** Ends it in good order. */
  close(): Promise<void>;
}

const ENTRY = new URL("./server-process-entry.ts", import.meta.url);

/** Where a server's process runs, where that matters. */
export interface ProcessPlace {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server in a process of its own; resolves once it listens. Throws with its logs if it ends before. */
export async function startServerProcess(
  config: ServerConfig,
  network: DevelopmentNetwork,
  place: ProcessPlace = {},
): Promise<ServerProcess> {
  let current = network;
  let ahead = 0;
  let logs = "";
  let child: ChildProcess;
  const { port: listenPort } = config.listen;
  let port = listenPort;

  const start = async (): Promise<void> => {
    // Compiled code is kept between runs, as `smimp` does it.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"), ...place.env };
    child = fork(ENTRY, { stdio: ["ignore", "pipe", "pipe", "ipc"], env, ...(place.cwd === undefined ? {} : { cwd: place.cwd }) });
    const log = (chunk: Buffer): void => {
      logs += chunk.toString("utf8");
    };
    child.stdout?.on("data", log);
    child.stderr?.on("data", log);
    tell(child, { kind: "start", config: { ...config, listen: { ...config.listen, port } }, network: current, ahead });
    port = await readyPort(child, () => logs);
  };
  await start();

  const gone = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return {
    port,
    pid: () => child.pid ?? 0,
    logs: () => logs,
    setNetwork: (next) => {
      current = next;
      if (child.connected) tell(child, { kind: "network", network: next });
    },
    setClock: (seconds) => {
      ahead = seconds;
      if (child.connected) tell(child, { kind: "clock", ahead });
    },
    fault: async (words, fault = "error") => {
      // With the last of what it writes.
      const closed = once(child, "close");
      tell(child, { kind: "fault", words, fault });
      await closed;
      return child.exitCode ?? child.signalCode;
    },
    collect: async () => {
      const abort = new AbortController();
      const { signal } = abort;
      const held = once(child, "message", { signal }).then(([message]: FromServer[]) =>
        message?.kind === "collected" ? message.bytes : 0,
      );
      tell(child, { kind: "collect" });
      try {
        return await Promise.race([held, once(child, "exit", { signal }).then(() => 0)]);
      } finally {
        held.catch(() => undefined);
        abort.abort();
      }
    },
    kill: async (signal = "SIGKILL") => {
      child.kill(signal);
      await gone();
    },
    restart: start,
    close: async () => {
      if (child.connected) tell(child, { kind: "stop" });
      await gone();
    },
  };
}

/** A message that can't be handed over means that the process is gone, which its end tells already. */
function tell(child: ChildProcess, message: ToServer): void {
  child.send(message, () => undefined);
}

async function readyPort(child: ChildProcess, logs: () => string): Promise<number> {
  const abort = new AbortController();
  const { signal } = abort;
  try {
    const message = await Promise.race([
      once(child, "message", { signal }).then(([first]) => first as FromServer),
      once(child, "close", { signal }).then((): FromServer => ({ kind: "failed", reason: "it ended" })),
    ]);
    if (message.kind === "ready") return message.port;
    throw new Error(`the server did not start: ${message.kind === "failed" ? message.reason : message.kind}\n${logs()}`);
  } finally {
    abort.abort();
  }
}
