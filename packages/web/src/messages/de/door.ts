import type { Messages } from "../messages.tsx";

/** Texte zum Beitreten, Entsperren, Wiederherstellen und Verbinden. */
export const door: Messages["door"] = {
  welcomeTitle: "Post, die nur Sie und die anderen lesen können",
  welcomeText:
    "Jede Nachricht wird auf Ihrem Gerät versiegelt und erst auf dem anderen geöffnet. Niemand dazwischen kann sie lesen, auch nicht der Server.",
  unlockTitle: "Willkommen zurück",
  passphrase: "Passphrase",
  unlock: "Entsperren",
  wrongPassphrase: "Das ist nicht die Passphrase.",
};
