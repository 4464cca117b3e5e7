import { signStatement, type SigningKey, type StatementType } from "@smimp/protocol";
import type { Signer } from "../draft.ts";
import type { World } from "../world.ts";

/** The parts of a draft that differ from one endpoint to the next. */
export interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly signers?: readonly Signer[];
}

/** Makes what a valid request to an endpoint needs, new each time. */
export type Builder = (world: World) => Promise<Parts> | Parts;

/** Builders by the names of their endpoints. */
export type Builders = Readonly<Record<string, Builder>>;

/** Signs as one type of statement. */
export const signedBy =
  (type: StatementType, key: SigningKey) =>
  (data: string): Readonly<Record<string, string>> => ({ signature: signStatement(type, key, data).signature });

let names = 0;

/** A name that no account had before. */
export function newName(kind: string): string {
  return `${kind}${++names}`;
}
