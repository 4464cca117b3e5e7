import { archiveKeyName, deviceName, parseTombstone, type Address, type KeystoreDocument } from "@smimp/protocol";

/**
 * Whether two keystores say the same, in whatever order: then there is nothing to save. Master keys are not compared, since the
 * chain says which one counts; neither are the pins of `forked`, about which two devices will never agree.
 */
export function isSame(a: KeystoreDocument, b: KeystoreDocument, forked: ReadonlySet<Address> = new Set()): boolean {
  return canonical(a, forked) === canonical(b, forked);
}

function canonical(document: KeystoreDocument, forked: ReadonlySet<Address>): string {
  const { master_seed: _master, next_master_seed: _next, ...rest } = document;
  return stable({
    ...rest,
    message_keys: sorted(document.message_keys, ({ seed }) => seed),
    archive_keys: sorted(document.archive_keys, archiveKeyName),
    pins: sorted(
      document.pins.filter(({ address }) => !forked.has(address)),
      ({ address }) => address,
    ),
    devices: sorted(document.devices ?? [], deviceName),
    // When a tombstone ends is known to some clients only.
    tombstones: [...new Set(document.tombstones.map((text) => parseTombstone(text).name))].sort(),
  });
}

function sorted<Entry>(entries: readonly Entry[], nameOf: (entry: Entry) => string): readonly Entry[] {
  return entries.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** JSON with the members of every object in one order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
