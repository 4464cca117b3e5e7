/** Texts of lists, folders and messages. */
export const mailbox = {
  inbox: "Inbox",
  write: "Write",
};
