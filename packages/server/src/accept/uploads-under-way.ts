import type { Address } from "@smimp/protocol";

/** Bytes of blobs that are just coming in and that no row tells of yet: what many uploads at once take of the disk together. */
export interface UploadsUnderWay {
  /** Begins an upload; `end` must be called, however it ends. */
  begin(sender: Address, recipient: Address): { add(bytes: number): void; end(): void };
  /** Bytes under way from a sender. */
  from(sender: Address): number;
  /** Bytes under way for a recipient. */
  to(recipient: Address): number;
}

/** Makes the count of a server that nothing comes in to yet. */
export function createUploadsUnderWay(): UploadsUnderWay {
  const sent = new Map<Address, number>();
  const received = new Map<Address, number>();

  function change(counts: Map<Address, number>, address: Address, bytes: number): void {
    const left = (counts.get(address) ?? 0) + bytes;
    if (left === 0) counts.delete(address);
    else counts.set(address, left);
  }

  return {
    begin(sender, recipient) {
      let taken = 0;
      const add = (bytes: number): void => {
        taken += bytes;
        change(sent, sender, bytes);
        change(received, recipient, bytes);
      };
      return { add, end: () => add(-taken) };
    },
    from: (sender) => sent.get(sender) ?? 0,
    to: (recipient) => received.get(recipient) ?? 0,
  };
}
