import type { Hex32, MessageType } from "@smimp/protocol";
import type { Folder } from "../model.ts";

/** Folders, their names sealed. What is here can be read without a server; changes need one. */
export interface Folders {
  /** By name. */
  list(): Promise<readonly Folder[]>;
  /** Throws `not_found` for a parent that is none, `conflict` where folders would stand too deep, `quota_exceeded`. */
  create(folder: {
    readonly name: string;
    readonly role?: "archive" | "junk" | "trash";
    readonly parent?: string | null;
    /** `email` where it is left out. */
    readonly messageType?: MessageType;
  }): Promise<Folder>;
  rename(id: string, name: string): Promise<Folder>;
  /** Puts it into another folder, or with null beside all others. Throws `conflict` where it would stand in itself. */
  setParent(id: string, parent: string | null): Promise<Folder>;
  /** Deletes an empty folder. Throws `conflict` where something stands in it. */
  remove(id: string): Promise<void>;
  /** Moves messages to a folder of their type, or with null to the inbox. Throws `not_found`. */
  move(messageIds: readonly Hex32[], folder: string | null): Promise<void>;
}
