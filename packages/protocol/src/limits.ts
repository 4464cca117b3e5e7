import { DAY, HOUR, MINUTE } from "./time.ts";

/** Bytes of one record's data (protocol section 3, rule 6). */
export const MAX_RECORD_BYTES = 4_096;
/** Records of one chain; from `RECOVERY_ONLY_FROM` on, only recovery-signed ones (protocol section 3, rule 6). */
export const MAX_RECORDS = 1_000;
export const RECOVERY_ONLY_FROM = 976;
/** Records a day that a server takes, recovery-signed ones aside (protocol section 3). */
export const MAX_RECORDS_A_DAY = 20;
/** Bytes of all records of a chain, as they are served, up to which a server takes one more: signed by the master key, and by the recovery key (protocol section 3). */
export const MAX_RECORDS_BYTES = 1024 * 1024;
export const MAX_RECORDS_BYTES_RECOVERY = 1_920 * 1024;
/** How far a clock may run ahead or behind, seconds (protocol sections 3 to 5). */
export const MAX_CLOCK_SKEW = 5 * MINUTE;
/** How far an assertion's `issued_at` may run ahead, seconds (protocol section 11). */
export const MAX_ASSERTION_SKEW = 1 * MINUTE;
/** Longest life of an assertion, seconds (protocol section 11). */
export const MAX_ASSERTION_LIFE = 5 * MINUTE;

/** Bytes of a profile's text. */
export const MAX_PROFILE_BYTES = 16_384;

/** Longest lives of message keys, seconds (protocol section 4). */
export const MAX_EPHEMERAL_LIFE = 90 * DAY;
export const MAX_NON_EPHEMERAL_LIFE = 30 * DAY;
/** No single-use key is issued with less life left, seconds (protocol section 4). */
export const MIN_ISSUE_LIFE = 24 * HOUR;
/** Single-use keys a server holds for an account, unissued (protocol section 4). */
export const MAX_HELD_KEYS = 200;
/** What a client keeps on its server, and below which it tops up (protocol section 4). */
export const CLIENT_KEYS = 100;
export const CLIENT_KEYS_LOW = 50;
/** Age at which a client rotates its non-ephemeral key, seconds (protocol section 4). */
export const NON_EPHEMERAL_ROTATION = 7 * DAY;

/** Lives of a session challenge, a session, a ticket and work parameters, seconds (protocol sections 5 to 7). */
export const CHALLENGE_LIFE = 60;
export const SESSION_LIFE = 1 * HOUR;
export const TICKET_LIFE = 1 * HOUR;
export const WORK_PARAMETERS_LIFE = 10 * MINUTE;
/** Age after which a server fetches a remote sender's history again, seconds (protocol section 5). */
export const HISTORY_FRESH = 10 * MINUTE;
/** Idle time after which a server's pin of a remote history lapses, seconds (protocol section 3). */
export const SERVER_PIN_LIFE = 180 * DAY;
/** How long a deleted message's id is remembered, seconds (protocol section 6). */
export const TOMBSTONE_LIFE = 30 * DAY;
/** How long an unnamed blob is kept, seconds (protocol section 6). */
export const UNNAMED_BLOB_LIFE = 24 * HOUR;

/** Largest work that a server may ask for, tries as a power of two; and from where a client asks its owner (protocol section 7). */
export const MAX_WORK_BITS = 28;
export const ASK_OWNER_WORK_BITS = 26;

/** Bytes of a send_message body that a server takes unless configured otherwise. */
export const DEFAULT_MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
/** Bytes of one blob unless configured otherwise. */
export const DEFAULT_MAX_BLOB_BYTES = 256 * 1024 * 1024;
/** Blobs that one message names. */
export const MAX_BLOBS = 64;
/** Bytes of a sealed keystore. */
export const MAX_KEYSTORE_BYTES = 8 * 1024 * 1024;
/** Bytes of a sealed summary (protocol section 8: text of at most 1 KiB, and the box around it). */
export const MAX_SUMMARY_TEXT_BYTES = 1_024;
export const MAX_SUMMARY_BYTES = MAX_SUMMARY_TEXT_BYTES + 16 + 24 + 16;
/** Bytes of `archive`: key id, nonce, prk, tag (protocol section 8). */
export const ARCHIVE_BYTES = 16 + 24 + 64 + 16;
/** Values of a JSON request, members and elements of unknown names too: the largest has some 600. */
export const MAX_REQUEST_VALUES = 10_000;
/** Bytes of a JSON request that has no limit of its own. */
export const MAX_JSON_BYTES = 64 * 1024;
/** Bytes of a request that uploads message keys: 200 statements of 1.9 KiB. */
export const MAX_KEYS_REQUEST_BYTES = 1024 * 1024;
/** Ids in one `messages` request; entries of one folder page (protocol sections 8 and 12). */
export const MAX_MESSAGES_PER_REQUEST = 100;
export const MAX_FOLDER_PAGE = 500;
/** Bytes of a fetched history, and seconds it may take (protocol section 5). */
export const MAX_FETCH_BYTES = 2 * 1024 * 1024;
export const MAX_FETCH_SECONDS = 10;
/** Bytes of an avatar's image (protocol section 12). */
export const MAX_AVATAR_BYTES = 1024 * 1024;
/** Bytes of a sealed note or display name, and of sealed extensions. */
export const MAX_NOTE_BYTES = 1_024;
export const MAX_EXTENSIONS_BYTES = 16 * 1024;
/** Entries of an allow or block list, and of one page of it (protocol section 8). */
export const MAX_LIST_ENTRIES = 10_000;
export const MAX_LIST_PAGE = 1_000;
/** How deep folders are nested (protocol section 8): one in the root is at depth 1. */
export const MAX_FOLDER_DEPTH = 16;
/** How long an avatar's image is kept that no profile names yet, seconds (protocol section 3). */
export const UNNAMED_AVATAR_LIFE = 24 * HOUR;
/** How long a device link waits, and a hand-over to a device that is linked already, seconds; hand-overs of one account (protocol section 8). */
export const DEVICE_LINK_LIFE = 10 * MINUTE;
export const HAND_OVER_LIFE = 90 * DAY;
export const MAX_HAND_OVERS = 32;
/** Versions of a keystore that a server keeps unless told to keep fewer (protocol section 8). */
export const KEYSTORE_VERSIONS = 10;
/** Bytes in one line of an export's blobs, keystores and avatar; entries of one kind that an import takes, and bytes of a line beside its message (protocol section 8). */
export const MAX_EXPORT_PIECE_BYTES = 256 * 1024;
export const MAX_EXPORT_ENTRIES = 1_000_000;
export const MAX_EXPORT_LINE_OVERHEAD = 512 * 1024;
/** Bytes of what is sealed to a new device: an encapsulation, a box, and a short JSON text. */
export const MAX_DEVICE_LINK_BYTES = 2_048;

/** Addresses in `to` or `cc` of a message. */
export const MAX_RECIPIENTS = 1_000;
/** Characters of a subject. */
export const MAX_SUBJECT_LENGTH = 1_024;
/** Characters of an attachment's name and media type. */
export const MAX_ATTACHMENT_NAME_LENGTH = 255;
export const MAX_MEDIA_TYPE_LENGTH = 127;
/** Characters of an address and of a message id as other mail systems write them. */
export const MAX_LEGACY_LENGTH = 998;
