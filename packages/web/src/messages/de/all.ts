import type { Messages } from "../messages.tsx";
import { chat } from "./chat.ts";
import { common } from "./common.ts";
import { compose } from "./compose.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";
import { outbox } from "./outbox.ts";
import { reading } from "./reading.ts";
import { shell } from "./shell.ts";

/** German, room by room. */
export const de: Messages = { chat, common, compose, door, mailbox, outbox, reading, shell };
