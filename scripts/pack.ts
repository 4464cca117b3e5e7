// npm run pack: makes the tarballs that others install, of packages/{protocol,identity,client}, in dist/.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "./checks/source-files.ts";
import { pack, PUBLISHED, stage } from "./packages/stage.ts";

const folder = await mkdtemp(join(tmpdir(), "smimp-pack-"));
try {
  for (const room of PUBLISHED) {
    await stage(room, join(folder, room));
    console.log(relative(ROOT, await pack(join(folder, room), join(ROOT, "dist"))));
  }
} finally {
  await rm(folder, { recursive: true });
}
