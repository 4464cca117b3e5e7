import type { Operation } from "../operation.ts";
import { burn } from "./burn.ts";
import { passTime, setBack } from "./clock.ts";
import { changePhrase, link, recover, removeDevice, rotate } from "./devices.ts";
import { saveDraft, sendDraft } from "./drafts.ts";
import { drain } from "./drain.ts";
import { dropFolder, label, makeFolder, move, star } from "./filing.ts";
import { flush } from "./flush.ts";
import { importMail } from "./import.ts";
import { lookAtKeystore } from "./keystore.ts";
import { mark } from "./mark.ts";
import { disable, join } from "./operator.ts";
import { block, introduce } from "./people.ts";
import { closeProgram, killProgram } from "./programs.ts";
import { remove } from "./remove.ts";
import { send } from "./send.ts";
import { crashServer, restartServer } from "./servers.ts";
import { lookElsewhere } from "./strangers.ts";
import { sync } from "./sync.ts";
import { watch } from "./watch.ts";
import { withdraw } from "./withdraw.ts";

/** Everything that happens in a run. */
export const OPERATIONS: readonly Operation[] = [
  send,
  sync,
  flush,
  mark,
  remove,
  withdraw,
  drain,
  passTime,
  setBack,
  restartServer,
  crashServer,
  killProgram,
  closeProgram,
  disable,
  join,
  lookElsewhere,
  lookAtKeystore,
  link,
  removeDevice,
  recover,
  rotate,
  changePhrase,
  burn,
  makeFolder,
  dropFolder,
  move,
  star,
  label,
  saveDraft,
  sendDraft,
  importMail,
  block,
  introduce,
  watch,
];
