import type { Messages } from "../messages.tsx";
import { common } from "./common.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";

/** German, room by room. */
export const de: Messages = { common, door, mailbox };
