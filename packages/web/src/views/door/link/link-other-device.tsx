import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages, type Messages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { QrScanner } from "../../../ui/qr-scanner.tsx";
import { codeOf, doorFault } from "../faults.ts";
import classes from "../form.module.css";

/** Letters and digits of a link code. */
const CODE_LENGTH = 42;

/** Lets a new device in: the side that has the mailbox, and types or scans the code that the new one shows. For settings. */
export function LinkOtherDevice(): ReactNode {
  const messages = useMessages();
  const { linkOther } = messages.door;
  const engine = useEngine();
  const [way, setWay] = useState<"type" | "scan">("type");
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);

  async function link(text: string): Promise<void> {
    if (busy) return;
    setError(null);
    if (!isCode(text)) return setError(linkOther.incomplete);
    setBusy(true);
    try {
      await engine.call("devices.link", [plain(text)]);
      setDone(true);
      setCode("");
    } catch (fault) {
      setError(linkFault(messages, fault));
    }
    setBusy(false);
  }

  function scanned(text: string): boolean {
    if (!isCode(text)) return false;
    setWay("type");
    setCode(text);
    void link(text);
    return true;
  }

  function type(event: FormEvent): void {
    event.preventDefault();
    void link(code);
  }

  if (done) {
    return (
      <div className={classes["form"]}>
        <Banner tone="info" icon="check" title={linkOther.done} />
        <div className={classes["row"]}>
          <Button onPress={() => setDone(false)}>{linkOther.another}</Button>
        </div>
      </div>
    );
  }
  return (
    <div className={classes["form"]}>
      <p>{linkOther.text}</p>
      {way === "scan" ? (
        <>
          <QrScanner label={linkOther.camera} onFound={scanned} />
          <div className={classes["row"]}>
            <Button onPress={() => setWay("type")}>{linkOther.type}</Button>
          </div>
        </>
      ) : (
        <form onSubmit={type} className={classes["form"]} noValidate>
          <Field
            label={linkOther.code}
            help={linkOther.codeHelp}
            value={code}
            onChange={(text) => {
              setCode(text);
              setError(null);
            }}
            error={error}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
          />
          <div className={classes["row"]}>
            <Button kind="primary" type="submit" isDisabled={busy || code.trim() === ""}>
              {busy ? linkOther.adding : linkOther.add}
            </Button>
            <Button icon="scan" isDisabled={busy} onPress={() => setWay("scan")}>
              {linkOther.scan}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}

function plain(text: string): string {
  return text.replaceAll(/[\s-]/g, "").toUpperCase();
}

function isCode(text: string): boolean {
  return new RegExp(`^[A-Z2-7]{${CODE_LENGTH}}$`).test(plain(text));
}

function linkFault(messages: Messages, fault: unknown): string {
  const { linkOther } = messages.door;
  switch (codeOf(fault)) {
    case "bad_request":
      return linkOther.incomplete;
    case "not_found":
      return linkOther.unknown;
    case "commitment_mismatch":
      return linkOther.mismatch;
    case "conflict":
      return linkOther.used;
    case "quota_exceeded":
      return linkOther.full;
    default:
      return doorFault(messages, fault);
  }
}
