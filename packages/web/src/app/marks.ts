import type { MessageMarks } from "@smimp/client";

/** What a list says of a message whose sender is not certain, as its texts call it: the gravest of what there is. Null where all is well. */
export function listMarkOf({ revokedKey, formerKey, notAuthenticated }: MessageMarks): "revoked" | "former" | "unchecked" | null {
  if (revokedKey) return "revoked";
  if (formerKey) return "former";
  return notAuthenticated ? "unchecked" : null;
}
