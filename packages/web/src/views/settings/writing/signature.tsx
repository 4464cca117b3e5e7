import { lazy, useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { severalLines } from "../../../app/text.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Beside } from "../../../ui/beside.tsx";
import { Button } from "../../../ui/button.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Group, Note, Row } from "../section.tsx";
import classes from "./signature.module.css";

const SignatureDialog = lazy(async () => ({ default: (await import("../../compose/signature-dialog.tsx")).SignatureDialog }));

/** The text that messages end with. */
export function Signature(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.writing;
  const engine = useEngine();
  const { data: signature } = useLive("signature.get", [], ["settings"]);
  const [writing, setWriting] = useState(false);
  const { busy, error, save } = useSaving();
  return (
    <Group title={texts.signature} text={texts.signatureText}>
      {signature === undefined ? null : signature === null ? (
        <Note>{texts.signatureNone}</Note>
      ) : (
        <blockquote className={classes["signature"]} aria-label={texts.signatureLabel}>
          {severalLines(signature)}
        </blockquote>
      )}
      <FaultLine error={error} />
      <Row>
        <Button icon="draft" onPress={() => setWriting(true)}>
          {signature === null ? texts.signatureWrite : texts.signatureChange}
        </Button>
        {signature === undefined || signature === null ? null : (
          <Button
            kind="quiet"
            isDisabled={busy}
            onPress={() => void save(async () => await engine.call("signature.set", [null]), { said: texts.signatureRemoved })}
          >
            {texts.signatureRemove}
          </Button>
        )}
      </Row>
      {writing ? (
        <Beside>
          <SignatureDialog onClose={() => setWriting(false)} />
        </Beside>
      ) : null}
    </Group>
  );
}
