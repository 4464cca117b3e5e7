/** Which build of the webmail this page belongs to. */
export interface Build {
  readonly version: string;
  /** SHA-256 of the list of its files, hexadecimal: that list names the hash of every other file. */
  readonly hash: string;
}

/** Looks at the list of this page's files; null where the server has none. */
export async function readBuild(): Promise<Build | null> {
  const response = await fetch("./release.json", { cache: "no-store" });
  if (!response.ok) return null;
  const bytes = await response.arrayBuffer();
  const { version } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly version?: unknown };
  if (typeof version !== "string") return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { version, hash: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}
