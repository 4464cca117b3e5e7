import type { Hex32 } from "@smimp/protocol";
import type { ImageChunk, IndexChange, IndexQuery } from "../model.ts";

/** What the index's thread is asked, and what it answers. */
export interface Calls {
  /** Makes room for an image of so many bytes. */
  expect(bytes: number): void;
  /** The next bytes of it. */
  append(bytes: Uint8Array): void;
  /** Opens what came; an empty index where nothing was expected. */
  open(): void;
  known(messageIds: readonly Hex32[]): readonly ("whole" | "summary" | null)[];
  apply(changes: readonly IndexChange[]): void;
  find(query: IndexQuery): readonly Hex32[];
  count(): number;
  image(purge: boolean): readonly ImageChunk[];
  chunk(index: number): Uint8Array;
  release(): void;
}

/** One call on its way to the thread. */
export type Request = {
  readonly [Name in keyof Calls]: { readonly id: number; readonly name: Name; readonly args: Parameters<Calls[Name]> };
}[keyof Calls];

/** Its answer on its way back. */
export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };
