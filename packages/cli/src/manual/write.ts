// npm run manual: writes packages/cli/man/smimp.1 anew.
import { writeFileSync } from "node:fs";
import { manualPage } from "./manual-page.ts";

// What this machine is set to doesn't stand in it. The program is loaded after that.
delete process.env["SMIMP_CONFIG"];
const { createProgram } = await import("../program.ts");

writeFileSync(new URL("../../man/smimp.1", import.meta.url), manualPage(createProgram()));
