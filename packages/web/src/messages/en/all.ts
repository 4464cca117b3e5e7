import { chat } from "./chat.ts";
import { common } from "./common.ts";
import { compose } from "./compose.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";
import { outbox } from "./outbox.ts";
import { reading } from "./reading.ts";
import { shell } from "./shell.ts";

/** English, room by room. */
export const en = { chat, common, compose, door, mailbox, outbox, reading, shell };
