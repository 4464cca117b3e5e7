import type { Deed } from "../deed.ts";
import { mark, remove } from "./change.ts";
import { rotate, sync } from "./receive.ts";
import { flush, send } from "./send.ts";

/** Everything that is interrupted. Joining stands apart: it is what there is no client for yet. */
export const DEEDS: readonly Deed[] = [send, flush, sync, rotate, mark, remove];
