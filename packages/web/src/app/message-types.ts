import type { MessageType } from "@smimp/protocol";

/** Types of messages that people read (protocol section 9). */
export const EMAIL_TYPE = "email" as MessageType;
/** A message of a conversation. */
export const SHORT_MESSAGE_TYPE = "short-message" as MessageType;
