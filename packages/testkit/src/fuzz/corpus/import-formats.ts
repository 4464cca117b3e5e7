// What the members of an export's lines may hold (protocol section 8), said a second time and in other words than in the schema that is
// under test: what an import must refuse is not to be asked of the code that refuses it.

/** What comes of a value that stands in a member, undefined where none does: null where it may pass, else the code that the import is refused with. */
type Verdict = (value: unknown) => string | null;

const text =
  (accepts: (value: string) => boolean, code = "bad_request"): Verdict =>
  (value) =>
    typeof value !== "string" ? "bad_request" : accepts(value) ? null : code;
const number =
  (accepts: (value: number) => boolean): Verdict =>
  (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && accepts(value) ? null : "bad_request";
const orNull =
  (verdict: Verdict): Verdict =>
  (value) =>
    value === null ? null : verdict(value);
/** Another value of this format is refused as well, with a code of its own: another line or a signature vouches for it. */
const vouchedFor =
  (verdict: Verdict, honest: unknown, code: string): Verdict =>
  (value) =>
    verdict(value) ?? (value === honest ? null : code);

const isB64 = (value: string): boolean => Buffer.from(value, "base64url").toString("base64url") === value;
const hex32 = text((value) => /^[0-9a-f]{64}$/.test(value));
const b64 = (bytes: number): Verdict => text((value) => isB64(value) && Buffer.from(value, "base64url").length === bytes);
const b64UpTo = (bytes: number): Verdict => text((value) => isB64(value) && Buffer.from(value, "base64url").length <= bytes);
const time = text((value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && new Date(value).toJSON() === value.replace("Z", ".000Z"));
const oneOf = (...all: readonly string[]): Verdict => text((value) => all.includes(value));
const name = text((value) => /^[A-Za-z0-9_-]{1,64}$/.test(value));
const address = text((value) => /^[a-z0-9]+#[a-z]+(?:\.[a-z]+)+$/.test(value), "bad_address");
const truth: Verdict = (value) => (typeof value === "boolean" ? null : "bad_request");

/** Members of a line by their path, for the line as it honestly is. What a line holds beside them is its `kind`. */
type Formats = Readonly<Record<string, Verdict>>;

/** A line, parsed. */
export type Line = Readonly<Record<string, unknown>>;

/** A text that is signed, or whose hash is: only the honest one passes. */
const signedText = (honest: unknown, code: string): Verdict =>
  vouchedFor(
    text((value) => value.length <= 4_096),
    honest,
    code,
  );

/** Whether a keystore's bytes begin with the same version, which stands in clear. */
const sameVersion = (value: string, { bytes }: Line): boolean =>
  Buffer.from(value, "base64url")
    .subarray(0, 8)
    .equals(Buffer.from(String(bytes), "base64url").subarray(0, 8));

/** The code that an import must be refused with for what stands in place of an honest line; null where it must be taken. */
export function verdictOf(honest: Line, line: unknown): string | null {
  if (!isObject(line) || line["kind"] !== honest["kind"]) return "bad_request";
  const verdicts = Object.entries(formatsOf(honest)).map(([path, verdict]) =>
    verdict(path.split(".").reduce((value: unknown, name) => (isObject(value) ? value[name] : undefined), line)),
  );
  // What is no line at all is found before what it says.
  return verdicts.find((code) => code === "bad_request") ?? verdicts.find((code) => code !== null) ?? null;
}

function isObject(value: unknown): value is Line {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function formatsOf(line: Line): Formats {
  const { kind } = line;
  const inner = (member: string): Line => (line[member] ?? {}) as Line;
  switch (kind) {
    case "account":
      return {
        address: vouchedFor(address, line["address"], "unauthenticated"),
        state: text((value) => /^[0-9]{1,64}$/.test(value) && Number(value) <= 2 ** 50),
        created_at: time,
        list_key: b64(32),
        // No record names one.
        profile: orNull(signedText(null, "history_invalid")),
      };
    case "record":
      return {
        "record.data": signedText(inner("record")["data"], "history_invalid"),
        "record.signature": vouchedFor(b64(64), inner("record")["signature"], "history_invalid"),
        // Whoever sets a recovery key shows that it is theirs.
        "record.recovery_signature": (value) =>
          value === undefined ? "history_invalid" : vouchedFor(b64(64), inner("record")["recovery_signature"], "history_invalid")(value),
        accepted_at: time,
      };
    case "nonephemeral_key":
      return {
        "key.data": signedText(inner("key")["data"], "bad_signature"),
        "key.signature": vouchedFor(b64(64), inner("key")["signature"], "bad_signature"),
      };
    case "known_key":
      return { key_id: hex32, expires_at: time };
    case "keystore":
      return {
        version: number((value) => value === line["version"]),
        stored_at: time,
        size: number((value) => value === line["size"]),
      };
    case "bytes":
      return { bytes: text((value) => isB64(value) && value.length === String(line["bytes"]).length && sameVersion(value, line)) };
    case "avatar":
      return {
        hash: vouchedFor(hex32, line["hash"], "bad_request"),
        size: number((value) => value === line["size"]),
        media_type: vouchedFor(oneOf("image/png", "image/jpeg"), line["media_type"], "bad_request"),
      };
    case "hand_over":
      return {
        code: vouchedFor(
          text(() => true),
          line["code"],
          "bad_request",
        ),
        public_key: vouchedFor(
          text(() => true),
          line["public_key"],
          "bad_request",
        ),
        sealed: b64UpTo(2_048),
        expires_at: time,
      };
    case "folder":
      return {
        name,
        message_type: oneOf("email", "draft", "short-message"),
        // There is no other folder that it could stand in.
        parent: orNull((value) => name(value) ?? "not_found"),
        display_name: orNull(b64UpTo(1_024)),
      };
    case "list_entry":
      return { list: oneOf("allowlist", "blocklist"), hash: hex32, note: orNull(b64UpTo(1_024)), created_at: time };
    case "correspondent":
      return { address, first_accepted_at: time };
    case "remembered":
      return { message_id: hex32, destroyed_at: time };
    case "message":
      return {
        message_id: vouchedFor(hex32, line["message_id"], "bad_request"),
        "envelope.data": signedText(inner("envelope")["data"], "bad_request"),
        // Its sender's key may be another one by now: who reads the message verifies it.
        "envelope.signature": b64(64),
        received_at: time,
        position: number((value) => value >= 0),
        received_via: oneOf("smimp_client", "smtp_bridge", "imap_bridge", "import_api"),
        read: truth,
        // A folder that isn't there is the root.
        folder: orNull(text(() => true)),
        pow: orNull(() => "bad_request"),
        archive: orNull(b64(120)),
        summary: orNull(b64UpTo(1_080)),
        extensions: orNull(b64UpTo(16_384)),
        protocol_version: text(() => true),
      };
    case "blob":
      return { hash: vouchedFor(hex32, line["hash"], "bad_request"), size: number((value) => value === line["size"]) };
    case "end":
      return { lines: number((value) => value === line["lines"]) };
    default:
      throw new TypeError(`a line of kind ${String(kind)} has no formats here`);
  }
}

/** Texts beside those of every type, by what the honest one looks like: those that are nearly right, and others that are. */
const ODD_TEXTS: readonly (readonly [like: RegExp, texts: readonly string[]])[] = [
  [/^[0-9a-f]{64}$/, ["0".repeat(63), "0".repeat(64), "0".repeat(65), "G".repeat(64), "A".repeat(43)]],
  [
    /^\d{4}-/,
    [
      "2026-02-30T00:00:00Z",
      "2026-12-31T23:59:60Z",
      "2026-01-01T00:00:00+00:00",
      "2026-01-01T00:00:00.000Z",
      "2026-01-01 00:00:00Z",
      "1999-12-31T23:59:59Z",
      "9999-12-31T23:59:59Z",
    ],
  ],
  [/#/, ["nobody#alpha.example", "Nobody#alpha.example", "nobody#alpha.example.", "\u212ain#alpha.example", "#alpha.example"]],
  [/^[A-Za-z0-9_-]{43,}$/, ["A".repeat(42), `${"A".repeat(42)}B`, "A".repeat(86), "A".repeat(1_444), "A".repeat(21_848)]],
  [/^[0-9]{1,20}$/, ["1125899906842624", "1125899906842625", "-1", "1e3", "1".repeat(65)]],
  [/^folder/, ["../../etc/passwd", "A".repeat(64), "A".repeat(65), "\u00e9"]],
  [/^email$/, ["draft", "Email", "x-custom-"]],
  [/list$/, ["allowlist", "__proto__"]],
  [/^image/, ["image/jpeg", "image/svg+xml"]],
  [/^smimp_/, ["import_api", "toString"]],
];

/** Texts to be tried in place of an honest one. */
export function oddTexts(honest: string): readonly string[] {
  return ODD_TEXTS.find(([like]) => like.test(honest))?.[1] ?? [];
}

/** Numbers beside those of every type. */
export const ODD_NUMBERS: readonly string[] = ["1", "-1", "9007199254740991"];
/** Numbers that no JSON of SMIMP has. */
export const NO_NUMBERS: readonly string[] = ["-0", "1.5", "9007199254740992"];
