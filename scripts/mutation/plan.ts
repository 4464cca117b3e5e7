/** How a source file of the protocol is mutated, and what must notice. */
export interface Target {
  /** Tests beside the sources, by name without ending. */
  readonly tests: readonly string[];
  /** Folders of vectors. */
  readonly vectors: readonly string[];
}

const target = (tests: string, vectors = ""): Target => ({
  tests: tests.split(" ").filter((name) => name !== ""),
  vectors: vectors.split(" ").filter((name) => name !== ""),
});

/**
 * Every source file with code of its own, and the tests that are for it. Each is mutated against these alone: so a mutant is tried in
 * less than a second, and a file has to be tested by its own tests, not by chance. Shapes of the wire and limits are code too: their
 * mutants are other bounds.
 */
export const TARGETS: Readonly<Record<string, Target>> = {
  address: target("address", "address"),
  aead: target("box"),
  archive: target("archive", "archive named-box"),
  assertion: target("assertion", "assertion"),
  "base-url": target("base-url", "base-url well-known"),
  base32: target("base32", "base32"),
  blob: target("blob", "blob"),
  box: target("box", "box sealed-to-key"),
  bytes: target("bytes", "b64 hex"),
  deletion: target("deletion", "deletion"),
  "device-link": target("device-link", "device-link hand-over"),
  envelope: target("envelope", "envelope"),
  "export-line": target("export-line"),
  json: target("json", "json"),
  "keystore-document": target("keystore-document"),
  "keystore-format": target("keystore-format", "keystore"),
  limits: target("limits"),
  "list-entry": target("list-entry", "list-entry"),
  "message-key": target("message-key", "message-key"),
  message: target("message", "message"),
  open: target("seal", "open"),
  padding: target("padding", "padding"),
  passphrase: target("passphrase", "passphrase"),
  phrase: target("phrase"),
  "phrase-words": target("phrase"),
  pieces: target("pieces", "blob"),
  problem: target("problem"),
  profile: target("profile"),
  "record-chain": target("record-chain", "record-chain"),
  record: target("record record-chain", "link"),
  "safety-number": target("safety-number", "safety-number"),
  schema: target("schema"),
  seal: target("seal", "seal"),
  "sealed-texts": target("sealed-texts"),
  session: target("session", "session"),
  "shared-settings": target("shared-settings"),
  "sodium-memory": target("sodium-memory"),
  statement: target("statement", "statement"),
  time: target("time"),
  "unless-refused": target("unless-refused"),
  "wire/account-life": target("wire/account-life"),
  "wire/devices": target("wire/devices"),
  "wire/folders": target("wire/folders"),
  "wire/identity": target("wire/identity"),
  "wire/lists": target("wire/lists"),
  "wire/mailbox": target("wire/mailbox"),
  "wire/sending": target("wire/sending"),
  "wire/sessions": target("wire/sessions"),
  "wire/shapes": target("wire/shapes"),
  work: target("work", "pow"),
  "x-wing": target("x-wing"),
};

/** What everything else rests on: always tried before a change goes in, one after the other, a commit at a time. */
export const CORE: readonly string[] = ["statement", "record-chain", "open", "seal", "work", "blob", "padding"];
