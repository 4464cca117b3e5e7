export type { ConversionOptions, ConvertedAttachment, ConvertedMail } from "./converted-mail.ts";
export { createConverter, type Conversion, type ConversionReply, type ConversionRequest, type Converter } from "./converter.ts";
export { importMails, type ImportCounts, type ImportOptions, type LeftOut } from "./importing.ts";
export { exportedMail, type MessageToExport } from "./exported-mail.ts";
export { beginsLikeMbox, readMbox } from "./mbox.ts";
export type { ByteSource } from "./read-ahead.ts";
export { looksLikeMail, ofAppleMail } from "./mail-file.ts";
export { isMail, MAX_MAIL_BYTES, type Found, type RawMail, type SkipReason } from "./raw-mail.ts";
export { mboxLine, writeMail, type AttachmentToWrite } from "./write-mail.ts";
