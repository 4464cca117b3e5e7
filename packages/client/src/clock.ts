import { timestampOf, type Clock } from "@smimp/protocol";

/** The machine's clock; everything else of the client is given one. */
export const systemClock: Clock = () => timestampOf(Date.now() / 1_000);
