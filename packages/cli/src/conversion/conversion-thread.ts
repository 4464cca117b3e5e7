import { parentPort } from "node:worker_threads";
import type { ConversionRequest } from "@smimp/conversion";
import { answerConversion } from "@smimp/conversion/thread";
import { useMemoryBlobs } from "./memory-blob.ts";

// The thread that takes mails apart: what somebody made to exhaust it, it exhausts alone.

useMemoryBlobs();

parentPort?.on("message", async (request: ConversionRequest) => parentPort?.postMessage(await answerConversion(request)));
