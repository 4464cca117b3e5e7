#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Compiled code is kept between runs: a server starts in half the time and takes less memory. What is imported statically is compiled before.
enableCompileCache();
const { run } = await import("./program.ts");

process.exitCode = await run(process.argv);
