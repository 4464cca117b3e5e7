// node solve-and-leave.ts close|leave: solves a proof of work in threads; then nothing keeps the process.
import { randomBytes } from "@smimp/protocol";
import { createWorkPool } from "../src/work/work-pool.ts";

const pool = createWorkPool({ random: randomBytes, threads: 2 });
const values = await pool.solve({ challenge: randomBytes(32), zeroBits: 17, count: 8 });
if (process.argv[2] === "close") pool.close();
console.log(`solved ${values.length}`);
