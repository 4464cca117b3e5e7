/** The Web Lock of the tab that has the mailbox open. */
export const LOCK = "smimp-mailbox";
