import type { Notice } from "@smimp/client";

/** What a notice says: what happened, what it means, and what to do. `who` is the address it is about. */
export interface NoticeText {
  readonly title: (who: string) => string;
  readonly text: (who: string) => string;
  readonly todo: (who: string) => string;
}

/** A message to somebody that could not be delivered. */
function undelivered(text: (who: string) => string, todo: (who: string) => string): NoticeText {
  return { title: (who) => `Your message to ${who} was not delivered`, text, todo };
}

const tryAgain = (): string => "Send it again from the outbox. If that does not help, ask the people who run your server.";
const later = (): string => "Send it again from the outbox in a while.";
const askServer = (who: string): string =>
  `Send it again from the outbox. If that does not help, ask ${who} to tell the people who run their server.`;
const account = (text: string, todo: string): NoticeText => ({ title: () => "Something did not work", text: () => text, todo: () => todo });

/** Words for every notice, by its code. */
const codes: Readonly<Record<Notice["code"], NoticeText>> = {
  history_rewritten: {
    title: (who) => `Another past of ${who} was shown`,
    text: (who) =>
      `The server of ${who} now shows something else about them than you saw before. Such a thing must never happen: a mistake was made there, or somebody wants to read along. Nothing is sent to ${who} until this is cleared up.`,
    todo: (who) => `Ask ${who} by telephone or face to face whether they know of it, and then check again here.`,
  },
  history_invalid: {
    title: (who) => `What is shown of ${who} does not hold together`,
    text: (who) =>
      `The server of ${who} shows something about them that nobody can have signed. A mistake was made there, or somebody wants to read along. Nothing is sent to ${who} until this is cleared up.`,
    todo: (who) => `Ask ${who} by telephone or face to face whether they know of it, and then check again here.`,
  },
  key_reused: {
    title: (who) => `${who} uses somebody else’s key`,
    text: (who) =>
      `The key of ${who} is that of another address that you know. Two people never have the same one by accident. Nothing is sent to ${who}.`,
    todo: (who) => `Ask ${who} by telephone or face to face whether this address is really theirs.`,
  },
  server_mismatch: {
    title: (who) => `The server of ${who} is not the one they named`,
    text: (who) => `A server says that it is the home of ${who}, but they never said so themselves. Nothing is sent there.`,
    todo: (who) => `If they are just moving, it passes: check again in an hour. Otherwise ask ${who} by telephone or face to face.`,
  },
  contact_key_changed: {
    title: (who) => `${who} has new keys`,
    text: (who) =>
      `You had compared the safety number of ${who}. Their keys have changed since, so it is another number now and the mark “verified” is gone. Mostly it means that they have a new device or new recovery words. It could also be somebody else.`,
    todo: (who) =>
      `Compare the safety number with ${who} once more, by telephone or face to face. Until then, don’t write what nobody else may read.`,
  },
  history_withheld: {
    title: (who) => `Something of ${who} may be kept from you`,
    text: (who) =>
      `A message says that something has changed with ${who}, but their server doesn’t show it. It may be slow, or it keeps new keys from you so that somebody can go on reading with the old ones.`,
    todo: (who) => `Check again in a few minutes. If it stays so, ask ${who} by telephone or face to face.`,
  },
  own_history_mismatch: {
    title: () => "Your server shows something false about you",
    text: () =>
      "It shows others, or this device, another past of your address than the one you have. Whoever believes it could be writing to somebody else. Nothing was sent.",
    todo: () => "Ask the people who run your server. If it happens again, move to another one: you can take everything along.",
  },
  key_used_twice: {
    title: () => "Your server gave out the same thing twice",
    text: () =>
      "Every message to you is sealed with something that is used once only. Your server gave out one of them twice, so whoever can open one of the two messages could perhaps open both. The second one is not shown.",
    todo: (who) => `Ask ${who} to send it again, and tell the people who run your server.`,
  },
  keystore_rolled_back: {
    title: () => "Your server showed an older copy of your mailbox’s keys",
    text: () =>
      "It had a newer one already. A backup may have been put back there, or somebody wants to undo what you changed. Nothing of the older copy was used.",
    todo: () => "Ask the people who run your server whether they put a backup back. There is nothing to do on this device.",
  },
  keystore_replaced: {
    title: () => "The copy of your keys on the server was made anew",
    text: () =>
      "The one that stood there could not be opened, or was an older one. This device has put its own in place. Something that another device changed last may be missing.",
    todo: () => "Look whether your contacts, folders and devices are as you left them.",
  },
  device_removed: {
    title: () => "This device was removed from your account",
    text: () => "Another device of yours has shut it out. What is here can still be read; nothing new comes in and nothing goes out.",
    todo: () => "If you did not do it, look at your other devices at once. To use this one again, link it anew.",
  },
  account_deleted: {
    title: () => "Your account is gone",
    text: () =>
      "Your server says that this address was deleted. What is on this device can still be read; nothing new comes in and nothing goes out.",
    todo: () =>
      "Only somebody with your recovery words can have done that. If it was not you, ask the people who run your server. Save what you want to keep.",
  },
  phrase_unchanged: {
    title: () => "Your new recovery words did not come into force",
    text: () => "Another device was faster. The recovery words that you had before are the ones that count.",
    todo: () => "Keep the old sheet, destroy the new one, and change the words once more if you still want to.",
  },
  delivery_given_up: {
    title: (who) => `Your message to ${who} was given up`,
    text: () => "It was tried for five days. Their server could not be reached in all that time.",
    todo: (who) => `Ask ${who} by another way whether their server still runs, and send it again from the outbox.`,
  },
  moved: {
    title: () => "Your move is done",
    text: () => "Your mailbox is at its new server, and everything has come along.",
    todo: () => "You can delete the old account now, in the settings.",
  },

  not_accepted: undelivered(
    (who) => `${who} takes no messages from you.`,
    () => "There is nothing to do from here.",
  ),
  unknown_user: undelivered(
    (who) => `There is nobody with the address ${who}, or not any more.`,
    () => "Check how it is spelled.",
  ),
  bad_address: undelivered(
    (who) => `${who} is no address that messages can go to.`,
    () => "Check how it is spelled. Addresses look like alice#example.com.",
  ),
  quota_exceeded: undelivered(
    (who) => `The mailbox of ${who} is full.`,
    (who) => `Tell ${who} by another way, and send it again from the outbox later.`,
  ),
  too_large: undelivered(
    () => "It is larger than their server takes.",
    () => "Send it with fewer or smaller attachments.",
  ),
  pow_required: undelivered(
    () => "Their server asks strangers for a lot of work first, and you did not agree to it.",
    () => "Send it again from the outbox, and agree when you are asked. It can take a while.",
  ),
  pow_invalid: undelivered(() => "Their server did not take the work that this device did.", tryAgain),
  pow_expired: undelivered(() => "The work that their server asked for took too long.", later),
  unauthenticated: undelivered(
    () => "A server did not believe that it is you. Perhaps the clock of this device is wrong.",
    () => "Check the clock, and send it again from the outbox.",
  ),
  session_expired: undelivered(() => "The connection with their server lasted too long.", later),
  bad_signature: undelivered(() => "What their server gave out was not signed by them, so nothing was sealed for it.", askServer),
  wrong_server: undelivered(
    () => "Their server says that this address is not one of its own.",
    (who) => `Check how ${who} is spelled. If it is right, they may be moving: send it again later.`,
  ),
  ticket_invalid: undelivered(() => "Their server forgot in the middle that it had let this message in.", later),
  key_not_issued: undelivered(() => "Their server gave out something that it doesn’t know any more.", askServer),
  key_expired: undelivered(() => "Their server gave out something that was too old to seal a message with.", askServer),
  unsupported_version: undelivered(
    () => "Their server speaks another version of the protocol.",
    (who) => `Tell ${who}: their server or this program wants an update.`,
  ),
  conflict: undelivered(() => "Two things happened at the same time and were in each other’s way.", later),
  blob_missing: undelivered(() => "An attachment got lost on the way.", later),
  not_found: undelivered(() => "Their server did not find what it needed.", askServer),
  bad_request: undelivered(() => "Their server did not understand it.", askServer),
  rate_limited: undelivered(() => "Their server takes no more from you for the moment.", later),
  temporarily_unavailable: undelivered(() => "Their server could not be reached.", later),
  insecure_transport: undelivered(
    () => "There is no safe connection to their server, so nothing was sent.",
    (who) => `Tell ${who}: the certificate of their server may have run out.`,
  ),
  commitment_mismatch: undelivered(() => "A server showed something else than it had promised.", askServer),
  decryption_failed: account(
    "Something that belongs to you can’t be opened on this device.",
    "Open the mailbox again. If it stays so, restore it with your recovery words.",
  ),
  key_unknown: account("Something was sealed for a key that this mailbox doesn’t have.", "Ask for it to be sent again."),
  not_for_me: account(
    "Your server delivered something that is meant for somebody else. It is not shown.",
    "Tell the people who run your server.",
  ),
  already_initialized: account("This address has an account already.", "Restore it with your recovery words, or link this device."),
  state_too_old: account(
    "This device was away for so long that it has to look through everything once more.",
    "Leave it open for a while.",
  ),
  precondition_failed: account(
    "Another device changed the same thing a moment earlier.",
    "Look how it is now, and change it again if need be.",
  ),
  precondition_required: account("Your server wanted to know more than this program said.", "Load the newest version of this program."),
  audience_mismatch: account(
    "Somebody wanted to sign you in at another place than it said.",
    "Don’t go on there. Sign in from a page that you opened yourself.",
  ),
  nonce_mismatch: account("A request to sign in was not the one that you began.", "Begin again, from a page that you opened yourself."),
  assertion_expired: account("Signing in took too long.", "Begin again."),
};

/** Texts of notices. */
export const notices: {
  readonly codes: Readonly<Record<Notice["code"], NoticeText>>;
  readonly special: Readonly<Record<"brokenMessage" | "lostAttachments" | "ownWithheld" | "devicesDiffer", NoticeText>>;
} = {
  codes,
  /** The same code can mean something else where it is about nobody, or about oneself. */
  special: {
    brokenMessage: {
      title: () => "A message could not be read",
      text: () => "Your server delivered something that is no whole message, or this device could not store it.",
      todo: () => "If you wait for something, ask for it to be sent again. Tell the people who run your server if it goes on.",
    },
    lostAttachments: {
      title: () => "Attachments of a draft are gone",
      text: () => "Another device changed the draft before they were fetched here.",
      todo: () => "Open the draft and attach them again.",
    },
    ownWithheld: {
      title: () => "A message waits for something that your server doesn’t show",
      text: () => "It is about a change of your own address that this device has not seen yet.",
      todo: () => "Mostly it passes by itself. If it stays so, ask the people who run your server.",
    },
    devicesDiffer: {
      title: () => "Your devices are shown different pasts of the same person",
      text: () =>
        "A server tells one of your devices something else about somebody than another one. This device stays with what it saw itself.",
      todo: () =>
        "Below it says whose server it is. Ask that person by telephone or face to face, and compare the safety number on both devices.",
    },
  },
};
