import { createConverter, type ConversionReply, type Converter } from "@smimp/conversion";
import { scriptUrl } from "../../trusted.ts";
import threadUrl from "./conversion-thread.ts?worker&url";

/** Starts a converter with a worker of its own. */
export function startConverter(): Converter {
  return createConverter((answer) => {
    const worker = new Worker(scriptUrl(threadUrl), { type: "module", name: "conversion" });
    worker.addEventListener("message", ({ data }: MessageEvent<ConversionReply>) => answer(data));
    worker.addEventListener("error", () => answer(null));
    return {
      post: (request) => worker.postMessage(request),
      end: async () => {
        worker.terminate();
        await Promise.resolve();
      },
    };
  });
}
