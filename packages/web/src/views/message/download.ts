/** How long a file's address stays, so that the browser has the time to take it, milliseconds. */
const KEPT = 60_000;

/** Hands a file to the browser to be stored: as bytes that nothing here opens, under a name that is safe. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([file], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.rel = "noopener";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
