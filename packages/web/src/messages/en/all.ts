import { common } from "./common.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";

/** English, room by room. */
export const en = { common, door, mailbox };
