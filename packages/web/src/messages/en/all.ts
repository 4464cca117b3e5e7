import { chat } from "./chat.ts";
import { common } from "./common.ts";
import { compose } from "./compose.ts";
import { contacts } from "./contacts.ts";
import { data } from "./data.ts";
import { door } from "./door.ts";
import { mailbox } from "./mailbox.ts";
import { notices } from "./notices.ts";
import { outbox } from "./outbox.ts";
import { reading } from "./reading.ts";
import { search } from "./search.ts";
import { settings } from "./settings.ts";
import { shell } from "./shell.ts";
import { trust } from "./trust.ts";

/** English, room by room. */
export const en = { chat, common, compose, contacts, data, door, mailbox, notices, outbox, reading, search, settings, shell, trust };
