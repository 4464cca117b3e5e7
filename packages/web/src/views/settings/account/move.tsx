import { useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form, Group, Note, Row } from "../section.tsx";

/** Moves the mailbox to another server of its domain, step by step. */
export function Move({ address }: { readonly address: string }): ReactNode {
  const { data } = useMessages();
  const texts = data.account;
  const engine = useEngine();
  const { data: status } = useLive("account.moveStatus", [], ["settings", "notices"]);
  const { busy, error, save } = useSaving();
  const [link, setLink] = useState("");
  const faults = {
    bad_request: texts.moveInviteWrong,
    wrong_server: texts.moveWrongServer,
    unauthenticated: texts.moveUnauthenticated,
    quota_exceeded: texts.moveNoRoom,
    TypeError: texts.moveUnderWay,
  };

  if (status === undefined) return <Group title={texts.move} text={texts.moveText} />;
  if (status.step === "none") {
    return (
      <Group title={texts.move} text={texts.moveText}>
        <Form onSubmit={() => void save(async () => await engine.call("account.move", [link.trim()]), { faults })}>
          <Field
            label={texts.moveInvite}
            value={link}
            onChange={setLink}
            help={texts.moveWarning}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
          />
          <FaultLine error={error} />
          <Row>
            <Button type="submit" isDisabled={busy || link.trim() === ""}>
              {busy ? texts.moving : texts.moveStart}
            </Button>
          </Row>
        </Form>
      </Group>
    );
  }

  const domain = address.slice(address.indexOf("#") + 1);
  const server = status.to === null ? "" : new URL(status.to).host;
  const step = status.step === "waiting_for_domain" ? texts.steps.waiting_for_domain(domain, server) : texts.steps[status.step];
  return (
    <Group title={texts.move}>
      <Banner tone="info" icon="move" title={step} />
      <Note>{server}</Note>
      <FaultLine error={error} />
      <Row>
        <Button
          kind="primary"
          isDisabled={busy}
          onPress={() => void save(async () => await engine.call("account.goOnMoving", []), { faults })}
        >
          {busy ? texts.moving : texts.moveOn}
        </Button>
        {status.step === "settling" ? null : (
          <Button
            isDisabled={busy}
            onPress={() => void save(async () => await engine.call("account.cancelMove", []), { said: texts.moveCancelled, faults })}
          >
            {texts.moveCancel}
          </Button>
        )}
      </Row>
    </Group>
  );
}
