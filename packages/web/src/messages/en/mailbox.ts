/** Texts of lists, folders and messages. */
export const mailbox = {
  write: "Write",
  /** Places that one can go to. */
  rooms: {
    inbox: "Inbox",
    starred: "Starred",
    sent: "Sent",
    all: "All mail",
    drafts: "Drafts",
    outbox: "Outbox",
    chat: "Chats",
    search: "Search",
    contacts: "Contacts",
    settings: "Settings",
  },
  navigation: "Places",
};
