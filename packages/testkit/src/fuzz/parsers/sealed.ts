import {
  archiveKeyIdOf,
  concat,
  createBlobOpener,
  createBlobSealer,
  decapsulate,
  encapsulate,
  encodeKeystoreDocument,
  keystoreVersion,
  newArchiveKey,
  newDeviceLink,
  openArchive,
  openBlob,
  openBox,
  openDeviceLink,
  openHandOver,
  openKeystore,
  openNamed,
  openSummary,
  openWithKey,
  openWithPassphrase,
  pad,
  randomBytes,
  sealArchive,
  sealBox,
  sealDeviceLink,
  sealedExtensions,
  sealedFolderText,
  sealedListNote,
  sealHandOver,
  sealKeystore,
  sealNamed,
  sealToKey,
  toB64,
  toHex32,
  unpad,
  utf8,
  xWingPublicKey,
} from "@smimp/protocol";
import type { TestIdentity } from "../../identity.ts";
import { bytesParser, documentParser, type Parser } from "./kinds.ts";

const AD = utf8("ad");

/** Parsers of what is sealed: any bytes, and any text inside of a box that opens. */
export function sealedParsers(alice: TestIdentity): Readonly<Record<string, Parser>> {
  const { address } = alice;
  const key = randomBytes(32);
  const seed = randomBytes(32);
  const publicKey = xWingPublicKey(seed);
  const archiveKey = newArchiveKey(randomBytes);
  const messageId = toHex32(randomBytes(32));
  const link = newDeviceLink(randomBytes);
  const linked = { key: randomBytes(32), masterSeed: randomBytes(32), address, version: 1 };
  const linkText = { key: toB64(linked.key), address, version: 1, master_seed: toB64(linked.masterSeed) };
  const linkAd = utf8(`smimp/1.0 device link\u0000${link.code}`);
  const handOverAd = utf8(`smimp/1.0 hand-over\u0000${address}`);
  const keystoreText = encodeKeystoreDocument({
    master_seed: toB64(key),
    message_keys: [],
    archive_keys: [],
    pins: [],
    settings: { phrase_key: toB64(publicKey) },
    tombstones: [],
  });
  const keystore = sealKeystore({ address, version: 1, key, phraseKey: publicKey, text: keystoreText, random: randomBytes });
  const named = (kind: "summary" | "folder" | "extensions" | "note", text: Uint8Array): Uint8Array =>
    sealNamed(archiveKey, kind, messageId, text, randomBytes);
  return {
    openBox: bytesParser(sealBox(key, AD, utf8("text"), randomBytes), (box) => openBox(key, AD, box)),
    openWithKey: bytesParser(sealToKey({ publicKey, ad: AD, text: utf8("text"), random: randomBytes }), (sealed) =>
      openWithKey({ seed, ad: AD, sealed }),
    ),
    openArchive: bytesParser(sealArchive(archiveKey, messageId, randomBytes(64), randomBytes), (archive) =>
      openArchive(archiveKey, messageId, archive),
    ),
    archiveKeyIdOf: bytesParser(named("note", utf8("{}")), archiveKeyIdOf),
    openNamed: bytesParser(named("note", utf8("{}")), (sealed) => openNamed(archiveKey, "note", messageId, sealed)),
    openSummary: documentParser(
      {
        subject: "a",
        name: "b",
        text: "c",
        from: address,
        to: [address],
        thread: messageId,
        marks: ["own"],
        imported: { from: "x", at: null },
      },
      (text) => openSummary(archiveKey, messageId, named("summary", text)),
    ),
    "sealedFolderText.open": documentParser({ name: "a", role: "junk" }, (text) =>
      sealedFolderText.open(archiveKey, messageId, named("folder", text)),
    ),
    "sealedExtensions.open": documentParser({ labels: ["a"], starred: true }, (text) =>
      sealedExtensions.open(archiveKey, messageId, named("extensions", text)),
    ),
    "sealedListNote.open": documentParser({ entry: address, text: "a" }, (text) =>
      sealedListNote.open(archiveKey, messageId, named("note", text)),
    ),
    openDeviceLink: documentParser(linkText, (text) =>
      openDeviceLink(link, sealToKey({ publicKey: link.publicKey, ad: linkAd, text, linkSecret: link.secret, random: randomBytes })),
    ),
    "openDeviceLink, as bytes": bytesParser(
      sealDeviceLink({ ...linked, code: link.code, secret: link.secret, publicKey: link.publicKey, random: randomBytes }),
      (sealed) => openDeviceLink(link, sealed),
    ),
    openHandOver: documentParser(linkText, (text) =>
      openHandOver(seed, address, sealToKey({ publicKey, ad: handOverAd, text, random: randomBytes })),
    ),
    "openHandOver, as bytes": bytesParser(sealHandOver({ ...linked, publicKey, random: randomBytes }), (sealed) =>
      openHandOver(seed, address, sealed),
    ),
    keystoreVersion: bytesParser(keystore, keystoreVersion),
    openKeystore: bytesParser(keystore, (sealed) => openKeystore(address, sealed, { key })),
    "openKeystore, with the phrase": bytesParser(keystore, (sealed) => openKeystore(address, sealed, { phraseSeed: seed })),
    unpad: bytesParser(pad(utf8("text")), unpad),
    encapsulate: bytesParser(publicKey, (bytes) => (bytes.length === publicKey.length ? encapsulate(bytes, randomBytes(64)) : null)),
    decapsulate: bytesParser(randomBytes(1_120), (bytes) => (bytes.length === 1_120 ? decapsulate(seed, bytes) : null)),
    openWithPassphrase: { ...bytesParser(randomBytes(96), (sealed) => openWithPassphrase("phrase", sealed)), slow: true },
    ...blobParsers(),
  };
}

function blobParsers(): Readonly<Record<string, Parser>> {
  const key = randomBytes(32);
  const content = utf8("content");
  const sealer = createBlobSealer(key, content.length, randomBytes(24));
  const blob = concat(...sealer.push(content), ...sealer.finish());
  const { hash, size } = sealer.reference();
  return {
    openBlob: bytesParser(blob, async (bytes) => await drained(openBlob(key, [bytes], { hash, size: bytes.length }))),
    createBlobOpener: bytesParser(blob, (bytes) => {
      const opener = createBlobOpener(key, size);
      try {
        // In pieces of one byte: every edge is inside of a piece once.
        for (const byte of bytes.subarray(0, 2_000)) opener.push(Uint8Array.of(byte));
        opener.push(bytes.subarray(2_000));
        return opener.finish();
      } finally {
        opener.close();
      }
    }),
  };
}

async function drained(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _piece of pieces);
}
