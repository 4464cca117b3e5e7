/** An attachment of a mail, decoded. */
export interface ConvertedAttachment {
  /** As protocol section 9 allows it: no path, no control or direction characters. */
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** A mail from elsewhere, as an SMIMP message can hold it. Times are RFC 3339 in whole seconds UTC. */
export interface ConvertedMail {
  /** The same for every copy of the same mail, wherever it lies. */
  readonly key: string;
  readonly imported: {
    readonly from: string;
    readonly to: readonly string[];
    readonly cc: readonly string[];
    readonly date: string | null;
    readonly messageId: string | null;
  };
  readonly subject: string;
  /** CommonMark of what was HTML, and plain text as it was. */
  readonly body: string;
  readonly attachments: readonly ConvertedAttachment[];
  /** Null where the mail doesn't say. */
  readonly read: boolean | null;
  readonly receivedAt: string | null;
  /** The folder that it was exported from, from the outside in; null where it doesn't say. */
  readonly folder: readonly string[] | null;
  /** What mails of the same thread have in common; null where it names nothing. */
  readonly thread: string | null;
}

/** How a mail is converted. */
export interface ConversionOptions {
  /** Attaches the mail as it came, besides. */
  readonly keepOriginal?: boolean;
  /** Takes no HTML apart but strips it of its tags: for a mail on which more careful reading failed. */
  readonly strip?: boolean;
}
