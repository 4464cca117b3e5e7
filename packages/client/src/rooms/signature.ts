/** The text that the owner ends messages with, for whatever shows a new message to be written; CommonMark. All devices share it. */
export interface Signature {
  /** Null where there is none. */
  get(): Promise<string | null>;
  /** Null takes it away. Throws `bad_request` beyond 16,384 characters. */
  set(text: string | null): Promise<void>;
}
