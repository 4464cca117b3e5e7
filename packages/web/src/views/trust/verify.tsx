import type { Address } from "@smimp/protocol";
import { useEffect, useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { goTo, hrefOf, type Place } from "../../app/places.ts";
import { EngineError } from "../../engine/connect.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { QrCode } from "../../ui/qr-code.tsx";
import { QrScanner } from "../../ui/qr-scanner.tsx";
import { toast } from "../../ui/toasts.tsx";
import { AskFirst } from "./ask-first.tsx";
import { PersonNotices } from "./notices.tsx";
import { PersonPage } from "./page.tsx";
import { usePlainDate } from "./plain-date.ts";
import { SafetyNumber } from "./safety-number.tsx";
import classes from "./verify.module.css";

/** Comparing the safety number with somebody, by reading it out or by scanning it. */
export function Verify({ address }: { readonly address: Address }): ReactNode {
  const messages = useMessages();
  const { verify } = messages.trust;
  const engine = useEngine();
  const plain = usePlainDate();
  const name = useNames()(address);
  const { data: contact, error, loading } = useLive("contacts.get", [address], ["contacts"]);
  const [isScanning, setScanning] = useState(false);
  const [different, setDifferent] = useState(false);
  const [asks, setAsks] = useState(false);
  const isKnown = contact !== undefined && contact !== null;
  const digits = contact?.safetyNumber ?? null;
  const person: Place = { room: "contacts", path: [address] };

  useEffect(() => {
    // What is compared shall be what they have now; where their server is away, it is what was seen last.
    // A server of somebody unknown is asked only once somebody wants that: a link from elsewhere may have led here.
    if (isKnown || asks) engine.call("contacts.resolve", [address]).catch(() => undefined);
  }, [engine, address, isKnown, asks]);

  async function remember(compared: string | null): Promise<void> {
    try {
      await engine.call("contacts.setVerified", [address, compared]);
      toast({ text: compared === null ? verify.undone : verify.done(address) });
      goTo(person);
    } catch (problem) {
      const changed = problem instanceof EngineError && problem.code === "conflict";
      toast({ text: changed ? verify.changed : faultText(messages, problem), tone: "error" });
    }
  }

  const onFound = (text: string): boolean => {
    const found = text.replaceAll(/\s/g, "");
    if (!/^\d{60}$/.test(found)) return false;
    setScanning(false);
    if (found === digits) void remember(found);
    else setDifferent(true);
    return true;
  };

  return (
    <PersonPage
      title={verify.title(name === address ? address : `${name} (${address})`)}
      back={{ href: hrefOf(person), label: verify.back(name) }}
    >
      <PersonNotices address={address} />
      {different ? (
        <Different address={address} onAgain={() => setDifferent(false)} />
      ) : contact === null && !asks ? (
        <AskFirst address={address} onAsk={() => setAsks(true)} />
      ) : digits === null ? (
        <p role="status">{loading || error === null ? verify.loading : verify.failed}</p>
      ) : (
        <>
          <p className={classes["text"]}>{verify.text}</p>
          <SafetyNumber digits={digits} label={verify.number} />
          <div className={classes["buttons"]}>
            <Button kind="primary" icon="shield-check" onPress={() => void remember(digits)} isDisabled={contact?.disputed === true}>
              {verify.same}
            </Button>
            <Button onPress={() => setDifferent(true)}>{verify.different}</Button>
          </div>
          {contact?.verifiedAt === null || contact?.verifiedAt === undefined ? null : (
            <p className={classes["already"]}>
              <span>{verify.already(plain(contact.verifiedAt))}</span>
              <Button kind="quiet" onPress={() => void remember(null)}>
                {verify.undo}
              </Button>
            </p>
          )}
          <div className={classes["codes"]}>
            <p className={classes["text"]}>{verify.codeText}</p>
            {isScanning ? <QrScanner label={verify.picture} onFound={onFound} /> : <QrCode text={digits} label={verify.code} />}
            <Button icon={isScanning ? "close" : "scan"} onPress={() => setScanning(!isScanning)}>
              {isScanning ? verify.stopScan : verify.scan}
            </Button>
          </div>
        </>
      )}
    </PersonPage>
  );
}

function Different({ address, onAgain }: { readonly address: Address; readonly onAgain: () => void }): ReactNode {
  const { mismatch } = useMessages().trust.verify;
  return (
    <Banner tone="danger" icon="error" title={mismatch.title}>
      <p className={classes["words"]}>{mismatch.text(address)}</p>
      <Button onPress={onAgain}>{mismatch.again}</Button>
    </Banner>
  );
}
