import type { NoticeText } from "../en/notices.ts";
import type { Messages } from "../messages.tsx";

function undelivered(text: (who: string) => string, todo: (who: string) => string): NoticeText {
  return { title: (who) => `Ihre Nachricht an ${who} kam nicht an`, text, todo };
}

const tryAgain = (): string => "Senden Sie sie aus dem Ausgang noch einmal. Hilft das nicht, dann fragen Sie die Betreiber Ihres Servers.";
const later = (): string => "Senden Sie sie in einer Weile aus dem Ausgang noch einmal.";
const askServer = (who: string): string =>
  `Senden Sie sie aus dem Ausgang noch einmal. Hilft das nicht, dann bitten Sie ${who}, es den Betreibern des dortigen Servers zu sagen.`;
const account = (text: string, todo: string): NoticeText => ({
  title: () => "Etwas hat nicht geklappt",
  text: () => text,
  todo: () => todo,
});

const codes: Messages["notices"]["codes"] = {
  history_rewritten: {
    title: (who) => `Für ${who} wird eine andere Vergangenheit gezeigt`,
    text: (who) =>
      `Der Server von ${who} zeigt jetzt etwas anderes, als Sie bisher gesehen haben. Das darf nie vorkommen: Dort wurde ein Fehler gemacht, oder jemand will mitlesen. An ${who} wird nichts gesendet, bis das geklärt ist.`,
    todo: (who) => `Fragen Sie ${who} am Telefon oder persönlich, was da los ist, und prüfen Sie dann hier noch einmal.`,
  },
  history_invalid: {
    title: (who) => `Was für ${who} gezeigt wird, passt nicht zusammen`,
    text: (who) =>
      `Der Server von ${who} zeigt etwas, das niemand so unterschrieben haben kann. Dort wurde ein Fehler gemacht, oder jemand will mitlesen. An ${who} wird nichts gesendet, bis das geklärt ist.`,
    todo: (who) => `Fragen Sie ${who} am Telefon oder persönlich, was da los ist, und prüfen Sie dann hier noch einmal.`,
  },
  key_reused: {
    title: (who) => `${who} benutzt einen fremden Schlüssel`,
    text: (who) =>
      `Der Schlüssel von ${who} gehört zu einer anderen Adresse, die Sie kennen. Zwei Menschen haben nie zufällig denselben. An ${who} wird nichts gesendet.`,
    todo: (who) => `Fragen Sie am Telefon oder persönlich nach, ob ${who} wirklich die richtige Adresse ist.`,
  },
  server_mismatch: {
    title: (who) => `Der Server von ${who} ist nicht der genannte`,
    text: (who) =>
      `Ein Server behauptet, dass ${who} bei ihm zu Hause sei. Von dort selbst wurde das nie gesagt. Dorthin wird nichts gesendet.`,
    todo: (who) =>
      `Zieht ${who} gerade um, dann gibt sich das: Prüfen Sie in einer Stunde noch einmal. Sonst fragen Sie am Telefon oder persönlich.`,
  },
  contact_key_changed: {
    title: (who) => `${who} hat neue Schlüssel`,
    text: (who) =>
      `Sie hatten die Sicherheitsnummer von ${who} verglichen. Seitdem haben sich die Schlüssel geändert, deshalb ist es jetzt eine andere Nummer, und das Zeichen „geprüft“ ist weg. Meist heißt das: ein neues Gerät oder neue Rettungswörter. Es könnte aber auch jemand anderes sein.`,
    todo: (who) =>
      `Vergleichen Sie die Sicherheitsnummer mit ${who} noch einmal, am Telefon oder persönlich. Schreiben Sie bis dahin nichts, was sonst niemand lesen darf.`,
  },
  history_withheld: {
    title: (who) => `Vielleicht wird Ihnen etwas von ${who} vorenthalten`,
    text: (who) =>
      `Eine Nachricht sagt, dass sich bei ${who} etwas geändert hat, aber der Server dort zeigt es nicht. Vielleicht ist er nur langsam. Oder er verschweigt neue Schlüssel, damit jemand mit den alten weiter mitlesen kann.`,
    todo: (who) => `Prüfen Sie in ein paar Minuten noch einmal. Bleibt es so, dann fragen Sie ${who} am Telefon oder persönlich.`,
  },
  own_history_mismatch: {
    title: () => "Ihr Server zeigt etwas Falsches über Sie",
    text: () =>
      "Er zeigt anderen oder diesem Gerät eine andere Vergangenheit Ihrer Adresse, als Sie sie haben. Wer das glaubt, schreibt vielleicht jemand anderem. Gesendet wurde nichts.",
    todo: () => "Fragen Sie die Betreiber Ihres Servers. Kommt es wieder vor, dann ziehen Sie um: Alles lässt sich mitnehmen.",
  },
  key_used_twice: {
    title: () => "Ihr Server hat etwas zweimal vergeben",
    text: () =>
      "Jede Nachricht an Sie wird mit etwas versiegelt, das nur einmal benutzt wird. Ihr Server hat eines davon zweimal vergeben. Wer die eine der beiden Nachrichten öffnen kann, könnte vielleicht auch die andere öffnen. Die zweite wird nicht gezeigt.",
    todo: (who) => `Bitten Sie ${who}, sie noch einmal zu senden, und sagen Sie es den Betreibern Ihres Servers.`,
  },
  keystore_rolled_back: {
    title: () => "Ihr Server zeigte eine ältere Kopie Ihrer Schlüssel",
    text: () =>
      "Er hatte schon eine neuere. Vielleicht wurde dort eine Sicherung zurückgespielt, oder jemand will rückgängig machen, was Sie geändert haben. Von der älteren Kopie wurde nichts benutzt.",
    todo: () => "Fragen Sie die Betreiber Ihres Servers, ob sie eine Sicherung zurückgespielt haben. Auf diesem Gerät ist nichts zu tun.",
  },
  keystore_replaced: {
    title: () => "Die Kopie Ihrer Schlüssel auf dem Server wurde neu gemacht",
    text: () =>
      "Die dort lag, ließ sich nicht öffnen oder war älter. Dieses Gerät hat seine eigene an ihre Stelle gelegt. Was ein anderes Gerät zuletzt geändert hat, fehlt vielleicht.",
    todo: () => "Sehen Sie nach, ob Kontakte, Ordner und Geräte so sind, wie Sie sie verlassen haben.",
  },
  device_removed: {
    title: () => "Dieses Gerät wurde aus Ihrem Konto entfernt",
    text: () =>
      "Ein anderes Ihrer Geräte hat es ausgeschlossen. Was hier ist, lässt sich noch lesen. Neues kommt nicht an, und es geht nichts hinaus.",
    todo: () =>
      "Waren Sie das nicht, dann sehen Sie sofort nach Ihren anderen Geräten. Um dieses wieder zu benutzen, verbinden Sie es neu.",
  },
  account_deleted: {
    title: () => "Ihr Konto gibt es nicht mehr",
    text: () =>
      "Ihr Server sagt, dass diese Adresse gelöscht wurde. Was auf diesem Gerät ist, lässt sich noch lesen. Neues kommt nicht an, und es geht nichts hinaus.",
    todo: () =>
      "Das kann nur jemand mit Ihren Rettungswörtern getan haben. Waren Sie das nicht, dann fragen Sie die Betreiber Ihres Servers. Sichern Sie, was Sie behalten möchten.",
  },
  phrase_unchanged: {
    title: () => "Ihre neuen Rettungswörter gelten nicht",
    text: () => "Ein anderes Gerät war schneller. Es gelten die Rettungswörter, die Sie vorher hatten.",
    todo: () => "Behalten Sie das alte Blatt, vernichten Sie das neue, und ändern Sie die Wörter noch einmal, wenn Sie das weiter möchten.",
  },
  delivery_given_up: {
    title: (who) => `Ihre Nachricht an ${who} wurde aufgegeben`,
    text: () => "Es wurde fünf Tage lang versucht. Der Server dort war die ganze Zeit nicht erreichbar.",
    todo: (who) => `Fragen Sie ${who} auf anderem Weg, ob der Server dort noch läuft, und senden Sie sie aus dem Ausgang noch einmal.`,
  },
  moved: {
    title: () => "Ihr Umzug ist fertig",
    text: () => "Ihr Postfach liegt bei seinem neuen Server, und alles ist mitgekommen.",
    todo: () => "Das alte Konto können Sie jetzt in den Einstellungen löschen.",
  },

  not_accepted: undelivered(
    (who) => `${who} nimmt von Ihnen keine Nachrichten an.`,
    () => "Von hier aus ist nichts zu tun.",
  ),
  unknown_user: undelivered(
    (who) => `Unter der Adresse ${who} gibt es niemanden, oder nicht mehr.`,
    () => "Prüfen Sie die Schreibweise.",
  ),
  bad_address: undelivered(
    (who) => `${who} ist keine Adresse, an die sich etwas senden lässt.`,
    () => "Prüfen Sie die Schreibweise. Adressen sehen so aus: alice#example.com.",
  ),
  quota_exceeded: undelivered(
    (who) => `Das Postfach von ${who} ist voll.`,
    (who) => `Sagen Sie es ${who} auf anderem Weg, und senden Sie sie später aus dem Ausgang noch einmal.`,
  ),
  too_large: undelivered(
    () => "Sie ist größer, als der Server dort annimmt.",
    () => "Senden Sie sie mit weniger oder kleineren Anhängen.",
  ),
  pow_required: undelivered(
    () => "Der Server dort verlangt von Fremden vorher viel Rechenarbeit, und Sie haben nicht zugestimmt.",
    () => "Senden Sie sie aus dem Ausgang noch einmal, und stimmen Sie zu, wenn Sie gefragt werden. Es kann eine Weile dauern.",
  ),
  pow_invalid: undelivered(() => "Der Server dort hat die Rechenarbeit dieses Geräts nicht angenommen.", tryAgain),
  pow_expired: undelivered(() => "Die Rechenarbeit, die der Server dort verlangt, hat zu lange gedauert.", later),
  unauthenticated: undelivered(
    () => "Ein Server hat nicht geglaubt, dass Sie es sind. Vielleicht geht die Uhr dieses Geräts falsch.",
    () => "Prüfen Sie die Uhr, und senden Sie sie aus dem Ausgang noch einmal.",
  ),
  session_expired: undelivered(() => "Die Verbindung mit dem Server dort hat zu lange gedauert.", later),
  bad_signature: undelivered(
    () => "Was der Server dort ausgab, war nicht richtig unterschrieben. Deshalb wurde nichts dafür versiegelt.",
    askServer,
  ),
  wrong_server: undelivered(
    () => "Der Server dort sagt, dass diese Adresse nicht zu ihm gehört.",
    (who) =>
      `Prüfen Sie, wie ${who} geschrieben wird. Stimmt es, dann wird vielleicht gerade umgezogen: Senden Sie sie später noch einmal.`,
  ),
  ticket_invalid: undelivered(() => "Der Server dort hat mittendrin vergessen, dass er die Nachricht hereingelassen hatte.", later),
  key_not_issued: undelivered(() => "Der Server dort hat etwas ausgegeben, das er nicht mehr kennt.", askServer),
  key_expired: undelivered(() => "Der Server dort hat etwas ausgegeben, das zum Versiegeln zu alt war.", askServer),
  unsupported_version: undelivered(
    () => "Der Server dort spricht eine andere Version des Protokolls.",
    (who) => `Sagen Sie es ${who}: Der Server dort oder dieses Programm braucht eine neuere Version.`,
  ),
  conflict: undelivered(() => "Zwei Dinge geschahen gleichzeitig und kamen sich in die Quere.", later),
  blob_missing: undelivered(() => "Ein Anhang ging unterwegs verloren.", later),
  not_found: undelivered(() => "Der Server dort fand nicht, was er brauchte.", askServer),
  bad_request: undelivered(() => "Der Server dort hat sie nicht verstanden.", askServer),
  rate_limited: undelivered(() => "Der Server dort nimmt im Moment nichts mehr von Ihnen an.", later),
  temporarily_unavailable: undelivered(() => "Der Server dort war nicht erreichbar.", later),
  insecure_transport: undelivered(
    () => "Zum Server dort gibt es keine sichere Verbindung, deshalb wurde nichts gesendet.",
    (who) => `Sagen Sie es ${who}: Vielleicht ist das Zertifikat des Servers dort abgelaufen.`,
  ),
  commitment_mismatch: undelivered(() => "Ein Server hat etwas anderes gezeigt, als er zugesagt hatte.", askServer),
  decryption_failed: account(
    "Etwas, das Ihnen gehört, lässt sich auf diesem Gerät nicht öffnen.",
    "Öffnen Sie das Postfach noch einmal. Bleibt es so, dann stellen Sie es mit Ihren Rettungswörtern wieder her.",
  ),
  key_unknown: account(
    "Etwas wurde für einen Schlüssel versiegelt, den dieses Postfach nicht hat.",
    "Bitten Sie darum, es noch einmal zu senden.",
  ),
  not_for_me: account(
    "Ihr Server hat etwas zugestellt, das für jemand anderen bestimmt ist. Es wird nicht gezeigt.",
    "Sagen Sie es den Betreibern Ihres Servers.",
  ),
  already_initialized: account(
    "Zu dieser Adresse gibt es schon ein Konto.",
    "Stellen Sie es mit Ihren Rettungswörtern wieder her, oder verbinden Sie dieses Gerät.",
  ),
  state_too_old: account("Dieses Gerät war so lange weg, dass es alles noch einmal durchsehen muss.", "Lassen Sie es eine Weile offen."),
  precondition_failed: account(
    "Ein anderes Gerät hat dasselbe einen Augenblick früher geändert.",
    "Sehen Sie nach, wie es jetzt ist, und ändern Sie es bei Bedarf noch einmal.",
  ),
  precondition_required: account(
    "Ihr Server wollte mehr wissen, als dieses Programm gesagt hat.",
    "Laden Sie die neueste Version dieses Programms.",
  ),
  audience_mismatch: account(
    "Jemand wollte Sie woanders anmelden, als es hieß.",
    "Machen Sie dort nicht weiter. Melden Sie sich auf einer Seite an, die Sie selbst geöffnet haben.",
  ),
  nonce_mismatch: account(
    "Eine Anmeldung war nicht die, die Sie begonnen haben.",
    "Beginnen Sie noch einmal, auf einer Seite, die Sie selbst geöffnet haben.",
  ),
  assertion_expired: account("Die Anmeldung hat zu lange gedauert.", "Beginnen Sie noch einmal."),
};

/** Texte von Hinweisen. */
export const notices: Messages["notices"] = {
  codes,
  special: {
    brokenMessage: {
      title: () => "Eine Nachricht ließ sich nicht lesen",
      text: () => "Ihr Server hat etwas zugestellt, das keine ganze Nachricht ist, oder dieses Gerät konnte sie nicht speichern.",
      todo: () =>
        "Warten Sie auf etwas, dann bitten Sie darum, es noch einmal zu senden. Hört es nicht auf, dann sagen Sie es den Betreibern Ihres Servers.",
    },
    lostAttachments: {
      title: () => "Anhänge eines Entwurfs sind weg",
      text: () => "Ein anderes Gerät hat den Entwurf geändert, bevor sie hier ankamen.",
      todo: () => "Öffnen Sie den Entwurf und hängen Sie sie noch einmal an.",
    },
    ownWithheld: {
      title: () => "Eine Nachricht wartet auf etwas, das Ihr Server nicht zeigt",
      text: () => "Es geht um eine Änderung Ihrer eigenen Adresse, die dieses Gerät noch nicht gesehen hat.",
      todo: () => "Meist gibt sich das von selbst. Bleibt es so, dann fragen Sie die Betreiber Ihres Servers.",
    },
    devicesDiffer: {
      title: () => "Ihren Geräten wird über dieselbe Person Verschiedenes gezeigt",
      text: () =>
        "Ein Server sagt einem Ihrer Geräte etwas anderes über jemanden als einem anderen. Dieses Gerät bleibt bei dem, was es selbst gesehen hat.",
      todo: () =>
        "Unten steht, um wessen Server es geht. Fragen Sie diese Person am Telefon oder persönlich, und vergleichen Sie die Sicherheitsnummer auf beiden Geräten.",
    },
  },
};
