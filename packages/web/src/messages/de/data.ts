import type { Messages } from "../messages.tsx";

const nachrichten = (count: number): string => (count === 1 ? "1 Nachricht" : `${count} Nachrichten`);
const lassen = (count: number): string => (count === 1 ? "ließ" : "ließen");

/** Texte der Einstellungen zu dem, was gespeichert ist: Platz, Post holen und mitnehmen, umziehen und löschen. */
export const data: Messages["data"] = {
  storage: {
    intro: "Wie viel Platz Ihre Post braucht, und wo.",
    server: "Auf Ihrem Server",
    used: (used, total) => `${used} von ${total} belegt`,
    usedOnly: (used) => `${used} belegt; eine Grenze gibt es nicht`,
    left: (left) => `${left} frei`,
    full: "Es ist kaum noch Platz. Löschen Sie, was Sie nicht brauchen, oder bitten Sie den Betreiber Ihres Servers um mehr.",
    away: "Ihr Server ist gerade nicht erreichbar.",
    browser: "In diesem Browser",
    browserUsed: (used) => `${used} belegt.`,
    browserLeft: (left) => `Der Browser gäbe bis zu ${left}.`,
    browserUnknown: "Dieser Browser sagt nicht, wie viel er speichert.",
    kept: "Der Browser behält es auf Dauer.",
    notKept: "Wird der Platz auf dem Gerät knapp, darf der Browser es ungefragt löschen. Auf Ihrem Server wäre Ihre Post noch.",
    persist: "Auf Dauer behalten",
    persisted: "Der Browser behält es jetzt auf Dauer.",
    refused: "Der Browser hat nicht zugestimmt. Oft tut er es, sobald eine Seite installiert ist oder täglich benutzt wird.",
    index: "Suche",
    indexed: (count) => `${nachrichten(count)} ${count === 1 ? "lässt" : "lassen"} sich durchsuchen.`,
    pending: (count) => `${nachrichten(count)} ${count === 1 ? "ist" : "sind"} noch nicht durchsuchbar.`,
    indexText: "Das Verzeichnis zum Suchen entsteht auf Ihrem Gerät und liegt versiegelt. Kein Server erfährt, wonach Sie suchen.",
    buildIndex: "Alles durchsuchbar machen",
    indexing: (done, total) => `${done} von ${total} Nachrichten`,
  },

  full: {
    nearly: {
      title: "Ihr Postfach ist fast voll",
      text: (left) => `Es ist noch Platz für ${left}. Ist es voll, kann Ihnen niemand mehr schreiben.`,
    },
    full: {
      title: "Ihr Postfach ist voll",
      text: (left) =>
        `Es ist noch Platz für ${left}, deshalb kommt vielleicht nicht mehr an, was man Ihnen schreibt. Löschen Sie, was Sie nicht brauchen, und leeren Sie den Papierkorb.`,
    },
    look: "Nachsehen, was Platz braucht",
  },

  transfer: {
    intro: "Ihre Post gehört Ihnen: Nehmen Sie sie mit, oder holen Sie sie von anderswo hierher.",
    mail: "Meine Post als Datei sichern",
    mailText:
      "Alle Nachrichten mit ihren Anhängen in einer mbox-Datei, die jedes Mailprogramm lesen kann. Die Datei ist nicht versiegelt: Wer sie hat, kann sie lesen.",
    mailSave: "Meine Post sichern",
    mailDone: (count) => `${nachrichten(count)} gesichert.`,
    mailSkipped: (count) => `${nachrichten(count)} ${lassen(count)} sich nicht öffnen und ${count === 1 ? "fehlt" : "fehlen"} darin.`,
    mailProgress: (done, total) => `Nachricht ${done} von ${total}`,
    sealed: "Versiegelte Kopie des Postfachs sichern",
    sealedText:
      "Alles, was Ihr Server von Ihnen hat, so, wie er es hat: versiegelt. Nur Ihre Rettungswörter öffnen es. Gut als Sicherung und für einen Umzug.",
    sealedSave: "Versiegelte Kopie sichern",
    sealedProgress: (done) => `${done} gesichert`,
    sealedDone: "Die Kopie ist vollständig.",
    brokenOff: "Ihr Server hat vor dem Ende abgebrochen. Was gesichert wurde, ist unvollständig; bitte versuchen Sie es noch einmal.",
    tooOften: "Eine Kopie lässt sich nur einige Male in der Stunde machen. Bitte versuchen Sie es später.",
    stop: "Anhalten",
    stopped: "Angehalten. Die Datei ist unvollständig.",
    fileName: "postfach",
    bring: "Post hierher holen",
    bringText:
      "Von Gmail, Outlook, Thunderbird, Apple Mail und anderen: Exportieren Sie Ihre Post dort als mbox- oder EML-Dateien, und wählen Sie diese hier. Gelesen werden sie auf diesem Gerät, und versiegelt, bevor sie es verlassen.",
    bringMark: "Geholte Post ist gekennzeichnet: Wer sie geschrieben hat, wurde nie geprüft.",
    choose: "Dateien wählen",
    drop: "Oder Dateien hierher ziehen",
    into: "Ablegen in",
    unread: "Ungelesen lassen",
    bringing: (done, total) => `${done} von ${total} gelesen`,
    bringStopped: "Angehalten. Was bis dahin geholt wurde, ist hier.",
    counting: "Wird gelesen …",
    done: (added, known, skipped) =>
      [
        `${nachrichten(added)} geholt.`,
        ...(known === 0 ? [] : [`${nachrichten(known)} ${known === 1 ? "war" : "waren"} schon hier.`]),
        ...(skipped === 0 ? [] : [`${nachrichten(skipped)} ${lassen(skipped)} sich nicht lesen.`]),
      ].join(" "),
    left: "Ausgelassen",
    reasons: {
      too_large: "zu groß",
      not_mail: "keine Post",
      unreadable: "nicht lesbar",
      not_convertible: "lässt sich nicht zerlegen",
      refused: "Ihr Server nimmt es nicht",
    },
    more: (count) => `und ${count} weitere`,
    nothing: "In diesen Dateien war keine Post.",
    full: "Auf Ihrem Server ist kein Platz mehr. Was bis dahin geholt wurde, ist hier.",
    again: "Sie können dieselben Dateien später noch einmal wählen: Was schon hier ist, wird nicht doppelt geholt.",
  },

  account: {
    intro: "Ihre Adresse, und wo sie zu Hause ist.",
    address: "Ihre Adresse",
    server: "Ihr Server",
    move: "Zu einem anderen Server umziehen",
    moveText:
      "Gehört die Domain Ihrer Adresse Ihnen, oder zieht sie um, kann Ihr Postfach mit ihr umziehen: Wer mit Ihnen schreibt, merkt nichts davon. Der neue Server muss dieselbe Domain bedienen.",
    moveInvite: "Einladungslink des neuen Servers",
    moveInviteWrong: "Das ist kein Einladungslink. Er sieht so aus: https://smimp.example.com/join#…",
    moveStart: "Umzug beginnen",
    moveWarning: "Ihr Postfach wird beim neuen Server angekündigt und dorthin kopiert. Das alte bleibt, bis Sie es löschen.",
    moving: "Der Umzug läuft …",
    steps: {
      announcing: "Der Umzug wird angekündigt.",
      copying: "Ihr Postfach wird kopiert.",
      waiting_for_domain: (domain, server) =>
        `Kopiert. Nun muss, wer sich um ${domain} kümmert, sie auf ${server} zeigen lassen. Danach geht es von selbst weiter.`,
      settling: "Ihr Postfach ist beim neuen Server. Zwei Stunden lang wird mitgenommen, was noch beim alten ankommt.",
    },
    moveOn: "Noch einmal nachsehen",
    moveCancel: "Umzug aufgeben",
    moveCancelled: "Der Umzug ist aufgegeben. Was kopiert wurde, bleibt beim neuen Server, bis es dort gelöscht wird.",
    moveWrongServer: "Dieser Server bedient die Domain Ihrer Adresse nicht.",
    moveUnauthenticated: "Diese Einladung gilt nicht: Sie wurde schon benutzt, ist abgelaufen oder für eine andere Adresse.",
    moveNoRoom: "Auf diesem Server ist für Ihr Postfach nicht genug Platz.",
    moveUnderWay: "Es läuft schon ein anderer Umzug.",
    remove: "Konto löschen",
    removeText: "Löscht Ihr Postfach endgültig von Ihrem Server. Ihre Adresse kann niemand je wieder benutzen.",
    removeStart: "Mein Konto löschen",
    removeTitle: "Konto endgültig löschen?",
    removeWhat: [
      "Alle Post, Entwürfe, Ordner und Kontakte auf Ihrem Server werden gelöscht.",
      "Niemand kann Ihnen mehr schreiben, und niemand kann diese Adresse je wieder haben.",
      "Alle Ihre Geräte verlieren den Zugang. Dieser Browser vergisst das Postfach.",
      "Wem Sie geschrieben haben, behält, was Sie gesendet haben.",
    ],
    removeExport: "Sichern Sie vorher Ihre Post, wenn Sie etwas davon behalten möchten.",
    removeWords: "Tippen Sie zur Bestätigung Ihre 24 Rettungswörter ein",
    removeNow: "Endgültig löschen",
    removing: "Wird gelöscht …",
    notAPhrase: "Diese 24 Wörter gehören nicht zusammen: Eines ist falsch, oder zwei sind vertauscht.",
    notTheirs: "Das sind nicht die Wörter dieses Postfachs.",
  },
};
