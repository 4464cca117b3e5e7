import { common } from "./common.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";
import { reading } from "./reading.ts";
import { shell } from "./shell.ts";

/** English, room by room. */
export const en = { common, door, mailbox, reading, shell };
