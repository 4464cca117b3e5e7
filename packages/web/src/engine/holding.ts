// One tab at a time has the mailbox open: two would send and open behind each other's back. A Web Lock says which; another tab that
// wants it asks over a channel, and the one that has it lets go.

const LOCK = "smimp-mailbox";
const CHANNEL = "smimp-mailbox";
/** How long the other tab may take to finish what it writes, milliseconds. */
const LET_GO_WITHIN = 10_000;

/** A hold on the mailbox. */
export interface Holding {
  release(): void;
}

/** Takes the mailbox where no other tab has it; null where one has. `onWanted` is called when another tab wants it. */
export async function takeHold(onWanted: () => void): Promise<Holding | null> {
  return await request({ ifAvailable: true }, onWanted);
}

/** Asks the tab that has the mailbox to let go, and takes it. Rejects where it doesn't in time. */
export async function takeOver(onWanted: () => void): Promise<Holding> {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("wanted");
  channel.close();
  const holding = await request({ signal: AbortSignal.timeout(LET_GO_WITHIN) }, onWanted);
  if (holding === null) throw new DOMException("another tab has the mailbox open", "TimeoutError");
  return holding;
}

async function request(options: LockOptions, onWanted: () => void): Promise<Holding | null> {
  return await new Promise((resolve, reject) => {
    const hold = async (lock: Lock | null): Promise<void> => {
      if (lock === null) return resolve(null);
      const released = Promise.withResolvers<void>();
      const channel = new BroadcastChannel(CHANNEL);
      channel.addEventListener("message", ({ data }) => {
        if (data === "wanted") onWanted();
      });
      resolve({
        release: () => {
          channel.close();
          released.resolve();
        },
      });
      await released.promise;
    };
    navigator.locks.request(LOCK, options, hold).catch(reject);
  });
}
