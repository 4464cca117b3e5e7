import { useState, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { lockMailbox } from "../../../app/leaving.ts";
import { goTo } from "../../../app/places.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { ForgetDialog } from "../../door/forget-dialog.tsx";
import { LockAfter } from "../../door/lock-after.tsx";
import { useAddress } from "../address.ts";
import { Group, Note, Row, Section } from "../section.tsx";
import { ChangePassphrase } from "./change-passphrase.tsx";
import { RenewLocks } from "./renew-locks.tsx";

/** What keeps others out: passphrase, locking, recovery words, and the keys behind them. */
export function Security(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.security;
  const address = useAddress();
  const engine = useEngine();
  const dates = useDates();
  const { data: keys } = useLive("keys.status", [], ["keys"]);
  const [forgetting, setForgetting] = useState(false);

  return (
    <Section title={settings.sections.security} intro={texts.intro}>
      {keys?.changing === true ? <Banner tone="warning" icon="clock" title={texts.interrupted} /> : null}
      <Group title={texts.locking} text={texts.lockText}>
        <LockAfter />
        <Row>
          <Button icon="lock" onPress={() => void lockMailbox(engine).catch(() => undefined)}>
            {texts.lockNow}
          </Button>
        </Row>
      </Group>
      <Group title={texts.passphrase} text={texts.passphraseText}>
        <ChangePassphrase address={address} />
      </Group>
      <Group title={texts.words} text={keys === undefined ? undefined : texts.wordsText(dates.day(keys.recoverySince))}>
        <Note>{texts.wordsWhy}</Note>
        <Row>
          <Button icon="words" onPress={() => goTo({ room: "settings", path: ["security", "words"] })}>
            {texts.wordsChange}
          </Button>
        </Row>
      </Group>
      <Group title={texts.locks} text={texts.locksText}>
        <RenewLocks since={keys?.masterSince ?? null} />
      </Group>
      <Group title={texts.forget} text={texts.forgetText}>
        <Row>
          <Button icon="trash" onPress={() => setForgetting(true)}>
            {texts.forgetNow}
          </Button>
        </Row>
        <ForgetDialog address={address} isOpen={forgetting} onClose={() => setForgetting(false)} />
      </Group>
    </Section>
  );
}
