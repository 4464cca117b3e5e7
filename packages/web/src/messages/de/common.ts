import type { Messages } from "../messages.tsx";

/** Texte, die jeder Raum brauchen kann. */
export const common: Messages["common"] = {
  product: "SMIMP Mail",
  cancel: "Abbrechen",
  close: "Schließen",
  back: "Zurück",
  next: "Weiter",
  save: "Sichern",
  done: "Fertig",
  retry: "Noch einmal versuchen",
  undo: "Rückgängig",
  delete: "Löschen",
  loading: "Wird geladen …",
  you: "Sie",
  newVersion: "Eine neuere Version ist bereit.",
  reload: "Laden",
  broken: {
    title: "Das lässt sich gerade nicht zeigen",
    text: "Ein Teil der Seite ließ sich nicht laden, oder etwas darin ging schief. Von Ihrer Post ist nichts verloren.",
    stopped:
      "Etwas ist schiefgegangen, und diese Seite kann nicht weitermachen. Wenn Sie gerade schreiben, kopieren Sie zuerst Ihren Text.",
    reload: "Seite neu laden",
  },
  scan: {
    starting: "Die Kamera startet …",
    looking: "Halten Sie den Code vor die Kamera.",
    "other-code": "Das ist ein anderer Code. Halten Sie den richtigen vor die Kamera.",
    "no-camera": "Hier gibt es keine Kamera, die sich benutzen ließe.",
    refused: "Der Browser lässt diese Seite nicht an die Kamera. Erlauben können Sie es neben der Adresszeile.",
  },
  errors: {
    temporarily_unavailable: "Der Server ist gerade nicht erreichbar. Nichts geht verloren; es wird von selbst noch einmal versucht.",
    insecure_transport: "Zu diesem Server gibt es keine sichere Verbindung, deshalb wurde nichts gesendet.",
    unknown_user: "Unter dieser Adresse gibt es niemanden.",
    bad_address: "Das ist keine Adresse. Adressen sehen so aus: alice#example.com.",
    not_accepted: "Diese Person nimmt von Ihnen keine Nachrichten an.",
    quota_exceeded: "Dafür ist kein Platz mehr.",
    too_large: "Das ist zu groß.",
    rate_limited: "Das war zu oft in kurzer Zeit. Bitte versuchen Sie es später noch einmal.",
    history_rewritten: "Jemand zeigt eine andere Vergangenheit dieser Person als bisher. Bis das geklärt ist, wird nichts gesendet.",
    decryption_failed: "Damit lässt es sich nicht öffnen.",
    QuotaExceededError: "Dieser Browser hat keinen Platz mehr zum Speichern.",
    Locked: "Ihr Postfach ist gesperrt.",
    other: "Das hat nicht geklappt.",
  },
};
