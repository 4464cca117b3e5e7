import type { Deed } from "../deed.ts";
import { burn } from "./burn.ts";
import { mark, remove } from "./change.ts";
import { draft } from "./draft.ts";
import { file } from "./file.ts";
import { importMail } from "./import.ts";
import { link } from "./link.ts";
import { lists } from "./lists.ts";
import { rotate, sync } from "./receive.ts";
import { recover } from "./recover.ts";
import { replace } from "./replace.ts";
import { flush, send } from "./send.ts";

/** Everything that is interrupted. Joining stands apart: it is what there is no client for yet. */
export const DEEDS: readonly Deed[] = [
  send,
  flush,
  sync,
  rotate,
  mark,
  remove,
  file,
  draft,
  importMail,
  replace,
  burn,
  lists,
  link,
  recover,
];
