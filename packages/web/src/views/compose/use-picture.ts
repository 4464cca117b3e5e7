import { useEffect, useState } from "react";
import { useEngine } from "../../app/engine.tsx";
import type { AttachedFile } from "../../engine/calls/writing.ts";
import { asPicture } from "../message/pictures.ts";
import { isPicture } from "./attaching.ts";

/** Bytes of a picture that is fetched to be shown small. */
const SMALL = 8_000_000;

/** The address of an attached picture, to be drawn; null for whatever is none. */
export function usePicture({ key, mediaType, size, content }: AttachedFile): string | null {
  const engine = useEngine();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!isPicture(mediaType) || size > SMALL) return undefined;
    const stop = new AbortController();
    let made: string | null = null;
    const fetched = async (): Promise<Blob> => {
      if (content instanceof Blob) return content;
      if (content === null) return await engine.call("drafts.content", [key], { signal: stop.signal });
      return await engine.call("inbox.attachment", [content.messageId, content.index, mediaType], { signal: stop.signal });
    };
    // What is handed on came from somebody: its bytes say whether it may be drawn.
    const drawn = async (): Promise<Blob | null> => await asPicture(await fetched());
    drawn().then(
      (blob) => {
        if (stop.signal.aborted || blob === null) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => undefined,
    );
    return () => {
      stop.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [engine, key, mediaType, size, content]);
  return url;
}
