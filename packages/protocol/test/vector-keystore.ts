import type { Operation } from "./vector-format.ts";

/** Operations on keystores and phrases. */
export const keystoreOperations: Readonly<Record<string, Operation>> = {};
