import { domainOf, type Address } from "@smimp/protocol";

/** Bytes under way for one recipient: of all senders, of one, and of all of that one's domain. */
export interface UnderWayFor {
  readonly all: number;
  readonly ofSender: number;
  readonly ofDomain: number;
}

/** Bytes of blobs that are just coming in and that no row tells of yet: what many uploads at once take of the disk together. */
export interface UploadsUnderWay {
  /** Begins an upload; `end` must be called, however it ends. */
  begin(sender: Address, recipient: Address): { add(bytes: number): void; end(): void };
  /** Bytes under way from a sender, for anybody. */
  from(sender: Address): number;
  /** Bytes under way for a recipient, with a sender's part of them. */
  to(recipient: Address, sender: Address): UnderWayFor;
}

/** Makes the count of a server that nothing comes in to yet. */
export function createUploadsUnderWay(): UploadsUnderWay {
  const counts = new Map<string, number>();
  const bytesOf = (subject: string): number => counts.get(subject) ?? 0;

  function change(subject: string, bytes: number): void {
    const left = bytesOf(subject) + bytes;
    if (left === 0) counts.delete(subject);
    else counts.set(subject, left);
  }

  return {
    begin(sender, recipient) {
      const subjects = [from(sender), to(recipient), ofSender(recipient, sender), ofDomain(recipient, sender)];
      let taken = 0;
      const add = (bytes: number): void => {
        taken += bytes;
        for (const subject of subjects) change(subject, bytes);
      };
      return { add, end: () => add(-taken) };
    },
    from: (sender) => bytesOf(from(sender)),
    to: (recipient, sender) => ({
      all: bytesOf(to(recipient)),
      ofSender: bytesOf(ofSender(recipient, sender)),
      ofDomain: bytesOf(ofDomain(recipient, sender)),
    }),
  };
}

// What bytes are counted under.
const from = (sender: Address): string => `from ${sender}`;
const to = (recipient: Address): string => `to ${recipient}`;
const ofSender = (recipient: Address, sender: Address): string => `to ${recipient} from ${sender}`;
const ofDomain = (recipient: Address, sender: Address): string => `to ${recipient} from #${domainOf(sender)}`;
