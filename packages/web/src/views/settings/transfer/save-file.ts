import type { FileTarget } from "../../../engine/files.ts";

/** What some browsers can do: let the owner choose a place, so that a large file goes there piece by piece. */
interface FilePickers {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: readonly { readonly description: string; readonly accept: Readonly<Record<string, readonly string[]>> }[];
  }): Promise<FileSystemFileHandle>;
}

/** What kind of file is saved. */
export interface FileKind {
  readonly name: string;
  readonly type: `${string}/${string}`;
  readonly ending: `.${string}`;
}

/** Asks where a file shall go; null where the browser will download it. Undefined where the owner wants it no more. */
export async function chooseTarget({ name, type, ending }: FileKind): Promise<FileTarget | undefined> {
  const { showSaveFilePicker } = globalThis as unknown as FilePickers;
  if (showSaveFilePicker === undefined) return null;
  try {
    return await showSaveFilePicker({ suggestedName: name, types: [{ description: name, accept: { [type]: [ending] } }] });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    // The browser doesn't allow it here.
    return null;
  }
}

/** Lets the browser download a file. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by the next turn; what it reads stays until then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name for a file with the day on which it was made. */
export function datedName(name: string, address: string, ending: FileKind["ending"], now: Date): string {
  return `${name}-${address.replace("#", "-")}-${now.toISOString().slice(0, 10)}${ending}`;
}
