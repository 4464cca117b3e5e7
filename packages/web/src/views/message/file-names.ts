import { oneLine } from "../../app/text.ts";

/** Characters of a file's name; more is cut out before its ending. */
const NAME_LENGTH = 120;
/** Characters of a name that are looked at. */
const MOST_LOOKED_AT = 4_096;
/** Names that Windows keeps for devices. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** Endings of files that do something when they are opened. */
const PROGRAMS = new Set(
  "apk app appimage bat bash cab chm cmd com cpl crx deb dll dmg docm exe gadget hta htm html inf iso jar js jse lnk mht mhtml mjs msc msi msix pif pkg ps1 py rb reg rpm scf scr sct settingcontent-ms sh shtml svg svgz swf url vb vbe vbs wsf wsh xbap xht xhtml xlsm xml xpi zsh".split(
    " ",
  ),
);

/** A name that a file may be stored under: no path, nothing that controls or turns its text, nothing that a system keeps for itself. */
export function safeFileName(name: string, otherwise: string): string {
  const parts = oneLine(name, MOST_LOOKED_AT).replaceAll(/[/\\:*?"<>|%\u2044\u2215\u29f8\uff0f\uff3c]+/g, "_");
  const bare = parts.replace(/^[.\s_]+/, "").replace(/[.\s]+$/, "");
  if (bare === "") return otherwise;
  const safe = DEVICE.test(bare) ? `_${bare}` : bare;
  const letters = Array.from(safe);
  if (letters.length <= NAME_LENGTH) return safe;
  const ending = endingOf(safe);
  const tail = ending === "" || ending.length > 20 ? "" : `.${ending}`;
  return `${letters.slice(0, NAME_LENGTH - tail.length - 1).join("")}…${tail}`;
}

/** Whether opening a file of that name may run something. */
export function isProgram(name: string): boolean {
  return PROGRAMS.has(endingOf(name));
}

function endingOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}
