import { useEffect, useMemo, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { createAttempts, type Failure } from "./attempts.ts";
import { codeOf, doorFault } from "./faults.ts";
import { ForgetDialog } from "./forget-dialog.tsx";
import classes from "./form.module.css";
import { DoorPage } from "./page.tsx";
import { PassphraseField } from "./passphrase-field.tsx";
import { Username } from "./username.tsx";

/** Asks for the passphrase of the mailbox that is in this browser. */
export function Unlock({
  address,
  invited,
  onForgotten,
}: {
  readonly address: string;
  /** The page was opened with an invite, which is for another mailbox. */
  readonly invited: boolean;
  /** The mailbox goes, to be brought back with the recovery words. */
  readonly onForgotten: () => void;
}): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const [passphrase, setPassphrase] = useState("");
  const [failed, setFailed] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const [dialog, setDialog] = useState<"forgotten" | "forget" | null>(null);
  // Looking takes a second, in which whoever sees that they mistyped types anew.
  const unlock = useMemo(
    () =>
      createAttempts(async (text) => await engine.call("door.unlock", [text]), {
        begins: () => {
          setBusy(true);
          setFailed(null);
        },
        ends: (failure) => {
          setBusy(false);
          setFailed(failure);
        },
      }),
    [engine],
  );
  useEffect(() => {
    // To be typed over, unless it is being typed anew already.
    if (failed !== null && field.current?.value === failed.tried) field.current.select();
  }, [failed]);
  const error =
    failed === null || failed.tried !== passphrase
      ? null
      : codeOf(failed.fault) === "decryption_failed"
        ? door.unlock.wrong
        : doorFault(messages, failed.fault);

  return (
    <DoorPage title={door.unlock.title} text={<span className={classes["address"]}>{address}</span>}>
      {invited ? (
        <Banner tone="info" icon="ticket" title={door.name.here(address)}>
          {door.name.hereText}
        </Banner>
      ) : null}
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (passphrase !== "") unlock(passphrase);
        }}
        className={classes["form"]}
      >
        <Username address={address} />
        <PassphraseField
          label={door.passphrase}
          autoComplete="current-password"
          value={passphrase}
          onChange={setPassphrase}
          error={error}
          inputRef={field}
          autoFocus
        />
        <Button kind="primary" type="submit" wide isDisabled={passphrase === ""}>
          {busy ? door.unlock.unlocking : door.unlock.unlock}
        </Button>
        <div className={classes["quietly"]}>
          <Button kind="quiet" onPress={() => setDialog("forgotten")}>
            {door.unlock.forgotten}
          </Button>
          <Button kind="quiet" onPress={() => setDialog("forget")}>
            {door.unlock.forget}
          </Button>
        </div>
      </form>
      <Forgotten isOpen={dialog === "forgotten"} onClose={() => setDialog(null)} onForgotten={onForgotten} />
      <ForgetDialog address={address} isOpen={dialog === "forget"} onClose={() => setDialog(null)} />
    </DoorPage>
  );
}

/** What helps whoever has forgotten the passphrase. */
function Forgotten({
  isOpen,
  onClose,
  onForgotten,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onForgotten: () => void;
}): ReactNode {
  const messages = useMessages();
  const { door, common } = messages;
  const engine = useEngine();
  const [, go] = useLocation();
  const [error, setError] = useState<string | null>(null);

  async function restore(): Promise<void> {
    try {
      onForgotten();
      go("/restore", { replace: true });
      await engine.call("door.forget", []);
    } catch (fault) {
      setError(doorFault(messages, fault));
    }
  }

  return (
    <Dialog title={door.unlock.forgottenTitle} isOpen={isOpen} onClose={onClose}>
      <p>{door.unlock.forgottenText}</p>
      <p>{door.unlock.forgottenLost}</p>
      {error === null ? null : <Banner tone="danger" icon="error" title={error} />}
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button kind="primary" onPress={() => void restore()}>
          {door.unlock.restore}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
