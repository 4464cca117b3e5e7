import type { Messages } from "../messages.tsx";
import { common } from "./common.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";
import { reading } from "./reading.ts";
import { shell } from "./shell.ts";

/** German, room by room. */
export const de: Messages = { common, door, mailbox, reading, shell };
