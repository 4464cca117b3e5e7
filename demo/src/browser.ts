import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromiumArguments, chromiumPath, type Network } from "@smimp/testkit";

/** Somebody who joins in a browser. */
export interface Guest {
  /** In lower case, as the script is told. */
  readonly name: string;
  /** An invite link. */
  readonly link: string;
}

/** Only its owner may read it: the links in it open accounts. */
const PRIVATE_PROGRAM = 0o700;

/**
 * Writes a shell script that opens a guest's link in a Chromium with a profile of its own, which finds the demo's servers by their
 * names and trusts them. Returns its name in the folder.
 */
export async function writeBrowserScript(folder: string, network: Network, guests: readonly Guest[]): Promise<string> {
  const name = "browser";
  const cases = guests.map((guest) => `  ${guest.name}) link=${quoted(guest.link)} ;;`).join("\n");
  const script = `#!/bin/sh
# Opens the webmail of the demo for one of its guests: each has a browser profile of their own, in this folder.
guest=$1
case "$guest" in
${cases}
  *) echo "Usage: $0 ${guests.map((guest) => guest.name).join("|")}" >&2; exit 2 ;;
esac
folder=$(cd "$(dirname "$0")" && pwd)
program=\${CHROMIUM:-${quoted(chromiumPath())}}
for other in chromium chromium-browser google-chrome; do
  command -v "$program" >/dev/null && break
  program=$other
done
if ! command -v "$program" >/dev/null; then
  echo "There is no Chromium here. On Debian: apt-get install chromium" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then set -- --no-sandbox; else set --; fi
exec "$program" "$@" --user-data-dir="$folder/browser-$guest" --test-type \\
  ${chromiumArguments(network).map(quoted).join(" \\\n  ")} \\
  "$link"
`;
  await writeFile(join(folder, name), script, { mode: PRIVATE_PROGRAM });
  return name;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
