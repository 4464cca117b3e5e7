// What a storage for another platform is put together from: `@smimp/client/storage-parts`.
export { createTurns, type Turns } from "../turns.ts";
export { createOverlay, type Overlay, type PendingWrite } from "./overlay.ts";
export { createSealedValues, type SealedValues } from "./sealed-values.ts";
