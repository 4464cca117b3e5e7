// The process of `searchApart`: the folder is its argument, the canaries come in, what was found goes out.
import { json } from "node:stream/consumers";
import { searchFolder, type Canary } from "./canary.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError("which folder?");
const canaries = (await json(process.stdin)) as readonly Canary[];
process.stdout.write(JSON.stringify(await searchFolder(folder, canaries)));
