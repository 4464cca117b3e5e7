import type { Endpoint } from "./shapes.ts";

// Endpoints of protocol sections 3 and 8 that no server of this project has in service yet: their shapes are settled here, so
// that whoever builds one side finds the other side's. One that goes into service moves to the table in `wire.ts`.

/** Endpoints of protocol section 12 that are not in service yet, by the name that code will use for them. */
export const FURTHER_ENDPOINTS = {
} as const satisfies Readonly<Record<string, Endpoint>>;
