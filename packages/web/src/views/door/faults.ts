import { EngineError } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";

/** The code of an error of the engine; of others their name. */
export function codeOf(error: unknown): string {
  return error instanceof EngineError ? error.code : error instanceof Error ? error.name : "";
}

/** What a person is told who wants to join; null where they wanted it no more. */
export function joinFault(messages: Messages, error: unknown): string | null {
  const { door } = messages;
  switch (codeOf(error)) {
    case "bad_request":
      return door.invite.wrong;
    case "bad_address":
      return door.name.notAllowed;
    case "unauthenticated":
      return door.errors.unauthenticated;
    case "not_accepted":
      return door.errors.closed;
    case "already_initialized":
      return door.errors.already_initialized;
    case "server_mismatch":
    case "wrong_server":
    case "unknown_user":
      return door.errors.server_mismatch;
    case "AbortError":
      return null;
    case "pow_required":
      return door.errors.tooMuchWork;
    default:
      return doorFault(messages, error);
  }
}

/** What a person is told where an address or its words don't do. */
export function restoreFault(messages: Messages, error: unknown, address: string): string {
  const { restore } = messages.door;
  switch (codeOf(error)) {
    case "bad_request":
      return restore.notAPhrase;
    case "unauthenticated":
    case "bad_signature":
      return restore.notTheirs(address);
    case "unknown_user":
      return restore.nobody(address);
    case "own_history_mismatch":
      return restore.changed;
    case "not_found":
    case "decryption_failed":
      return restore.nothing;
    default:
      return doorFault(messages, error);
  }
}

/** What is the same on all ways into the mailbox. */
export function doorFault(messages: Messages, error: unknown): string {
  const { errors } = messages.door;
  switch (codeOf(error)) {
    case "temporarily_unavailable":
      return errors.away;
    case "server_mismatch":
      return errors.server_mismatch;
    case "unsupported_version":
      return errors.unsupported_version;
    case "Occupied":
      return errors.occupied;
    case "QuotaExceededError":
      return errors.noSpace;
    default:
      return faultText(messages, error);
  }
}
