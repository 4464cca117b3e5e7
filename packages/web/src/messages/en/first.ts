import { common } from "./common.ts";
import { mailbox } from "./mailbox.ts";
import { shell } from "./shell.ts";

/** What the list of messages shows, and the frame around it. */
export const first = { common, mailbox, shell };
