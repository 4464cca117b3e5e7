import { chat } from "./chat.ts";
import { compose } from "./compose.ts";
import { contacts } from "./contacts.ts";
import { data } from "./data.ts";
import { notices } from "./notices.ts";
import { outbox } from "./outbox.ts";
import { reading } from "./reading.ts";
import { search } from "./search.ts";
import { settings } from "./settings.ts";
import { trust } from "./trust.ts";

/** What is said in the rooms beyond the list. */
export const later = { chat, compose, contacts, data, notices, outbox, reading, search, settings, trust };
