import type { AutoReply } from "@smimp/client";
import type { Timestamp } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { Switch } from "../../../ui/switch.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form, Group, Note, Row } from "../section.tsx";
import classes from "./auto-answer.module.css";
import { beginOf, dayFrom, dayUntil, endOf } from "./days.ts";

/** The answer that everybody gets who writes while the owner is away. */
export function AutoAnswer(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.writing;
  const { data: reply } = useLive("autoReply.get", [], ["settings"]);
  return (
    <Group title={texts.away} text={texts.awayText}>
      {reply === undefined ? null : <AnswerForm key={JSON.stringify(reply)} reply={reply} />}
    </Group>
  );
}

function AnswerForm({ reply }: { readonly reply: AutoReply | null }): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.writing;
  const engine = useEngine();
  const [isOn, setOn] = useState(reply !== null);
  const [text, setText] = useState(reply?.text ?? "");
  const [from, setFrom] = useState(reply?.from === undefined ? "" : dayFrom(reply.from));
  const [until, setUntil] = useState(reply?.until === undefined ? "" : dayUntil(reply.until));
  const [looked, setLooked] = useState(false);
  const { busy, error, save } = useSaving();
  const missing = text.trim() === "";
  const disordered = from !== "" && until !== "" && until < from;

  async function turn(wanted: boolean): Promise<void> {
    setOn(wanted);
    if (!wanted && reply !== null) await save(async () => await engine.call("autoReply.set", [null]), { said: texts.awayEnded });
  }

  async function submit(): Promise<void> {
    setLooked(true);
    if (missing || disordered) return;
    const answer: AutoReply = {
      text: text.trim(),
      ...(from === "" ? {} : { from: beginOf(from) as Timestamp }),
      ...(until === "" ? {} : { until: endOf(until) as Timestamp }),
    };
    await save(async () => await engine.call("autoReply.set", [answer]), {
      said: texts.awaySaved,
      faults: { bad_request: texts.awayLong },
    });
  }

  return (
    <>
      <Switch label={texts.awayOn} isOn={isOn} isDisabled={busy} onChange={(wanted) => void turn(wanted)} />
      {isOn ? (
        <Form onSubmit={() => void submit()}>
          {reply === null ? null : <Standing reply={reply} />}
          <Field
            label={texts.awayMessage}
            value={text}
            onChange={setText}
            lines={5}
            placeholder={texts.awayExample}
            error={looked && missing ? texts.awayMissing : null}
          />
          <div className={classes["days"]}>
            <Field label={texts.from} type="date" value={from} onChange={setFrom} />
            <Field
              label={texts.until}
              type="date"
              value={until}
              onChange={setUntil}
              error={looked && disordered ? texts.awayOrder : null}
            />
          </div>
          <Note>{texts.datesHelp}</Note>
          <FaultLine error={error} />
          <Row>
            <Button kind="primary" type="submit" isDisabled={busy}>
              {busy ? settings.saving : common.save}
            </Button>
          </Row>
          <Note>{texts.awayRuns}</Note>
        </Form>
      ) : (
        <FaultLine error={error} />
      )}
    </>
  );
}

/** Whether somebody is answered just now. */
function Standing({ reply: { from, until } }: { readonly reply: AutoReply }): ReactNode {
  const { settings } = useMessages();
  const texts = settings.writing;
  const dates = useDates();
  const [now] = useState(() => new Date().toISOString());
  if (until !== undefined && until <= now) return <Banner tone="warning" icon="clock" title={texts.awayOver} />;
  if (from !== undefined && from > now) return <Banner tone="info" icon="clock" title={texts.awayLater(dates.day(from))} />;
  return <Banner tone="info" icon="check" title={texts.awayNow} />;
}
