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
  steps: { address: "Adresse", words: "Rettungswörter", passphrase: "Passphrase" },
  step: (now, all) => `Schritt ${now} von ${all}`,
  name: {
    title: "Wählen Sie Ihre Adresse",
    text: (server) => `Unter ihr schreibt man Ihnen. Ihr Postfach liegt bei ${server}.`,
    address: "Ihre Adresse",
    addressHelp: "Buchstaben und Ziffern. Sie lässt sich später nicht ändern.",
    domain: "Endung",
    name: "Ihr Name, wie andere ihn sehen",
    nameHelp: "Freiwillig. Sie können ihn jederzeit ändern.",
    create: "Postfach anlegen",
    creating: "Ihr Postfach wird angelegt …",
  },
  phrase: {
    title: "Schreiben Sie diese 24 Wörter auf",
    text: "Geht dieses Gerät verloren, bringen diese Wörter Ihr Postfach zurück. Einen anderen Weg gibt es nicht: Niemand sonst hat sie, auch nicht der Server.",
    words: "Ihre Rettungswörter",
    written: "Ich habe sie aufgeschrieben",
  },
  confirm: {
    title: "Steht alles auf Papier?",
    text: "Bitte schauen Sie auf Ihr Blatt und tippen Sie diese drei Wörter ein.",
    word: (number) => `Wort ${number}`,
    wrong: (number) => `Das ist nicht Wort ${number}. Bitte schauen Sie noch einmal nach.`,
    again: "Die Wörter noch einmal zeigen",
  },
  choose: {
    title: "Wählen Sie eine Passphrase",
    text: "Sie öffnet Ihr Postfach auf diesem Gerät.",
    open: "Postfach öffnen",
    opening: "Ihr Postfach wird geöffnet …",
  },
};
