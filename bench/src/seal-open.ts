import {
  checkMessageKey,
  openEnvelope,
  parseAddress,
  parseBaseUrl,
  randomBytes,
  recordKeysOf,
  seal,
  toHex32,
  type MessageType,
  type SealedEnvelope,
} from "@smimp/protocol";
import { createIdentity, realClock } from "@smimp/testkit";
import { measureCryptoFloor } from "./crypto-floor.ts";
import { figure, type Figure } from "./figures.ts";
import { ratePerSecond } from "./rate.ts";

/** Bytes of the text that is sealed everywhere in this benchmark. */
export const TEXT_BYTES = 4_096;

/** Seals and opens messages of 4 KiB as a client does, every check included, beside the bare library calls. */
export async function benchSealOpen(seconds: number): Promise<readonly Figure[]> {
  const now = realClock();
  const server = parseBaseUrl("https://smimp.bench.example/");
  const alice = createIdentity("alice#bench.example", server, now);
  const bob = createIdentity("bob#bench.example", server, now);
  const { statement, seed, keyId } = bob.messageKey("non_ephemeral", now);
  const messageKey = checkMessageKey({ statement, address: bob.address, publicKey: bob.master.publicKey, now });
  const plaintext = randomBytes(TEXT_BYTES);
  const sealOne = (): SealedEnvelope =>
    seal({
      from: alice.address,
      to: parseAddress(bob.address),
      messageType: "email" as MessageType,
      fromLink: alice.chain.head.link,
      toLink: bob.chain.head.link,
      messageKey,
      plaintext,
      blobs: [],
      ticket: toHex32(randomBytes(32)),
      master: alice.master,
      random: randomBytes,
    });
  const me = {
    address: bob.address,
    records: recordKeysOf(bob.chain),
    messageKeys: new Map([[keyId, { kind: "non_ephemeral" as const, seed, signedBy: bob.master.publicKey, usedBy: null }]]),
  };
  const { statement: envelope } = sealOne();
  const floor = await measureCryptoFloor(TEXT_BYTES, seconds);
  return [
    figure("seal 4 KiB", ratePerSecond(seconds, sealOne), "1/s", floor.seal),
    figure(
      "open 4 KiB",
      ratePerSecond(seconds, () => openEnvelope({ statement: envelope, me, sender: alice.chain })),
      "1/s",
      floor.open,
    ),
  ];
}
