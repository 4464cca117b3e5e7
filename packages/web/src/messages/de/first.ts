import { common } from "./common.ts";
import { mailbox } from "./mailbox.ts";
import { shell } from "./shell.ts";

/** Was die Liste der Nachrichten zeigt, und der Rahmen um sie. */
export const first = { common, mailbox, shell };
