/** Minutes of a day: how long a mailbox stays open without use, unless its owner chooses otherwise. */
export const LOCK_AFTER = 24 * 60;
