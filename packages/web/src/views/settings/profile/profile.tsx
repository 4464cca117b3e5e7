import type { OwnProfile } from "@smimp/client";
import { useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { Field } from "../../../ui/field.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { useAddress } from "../address.ts";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form, Group, Note, Row, Section } from "../section.tsx";
import { AvatarEditor } from "./avatar-editor.tsx";
import { webAddress } from "./web-address.ts";

/** Characters of a name: more would not fit beside an address anywhere. */
const NAME_LENGTH = 100;

/** What others see of the owner. */
export function Profile(): ReactNode {
  const { settings, common } = useMessages();
  const address = useAddress();
  const { data: profile, error } = useLive("profile.get", [], ["profile"]);
  return (
    <Section title={settings.sections.profile} intro={settings.profile.intro}>
      {error === null ? null : <Banner tone="warning" icon="offline" title={settings.failed} />}
      {profile === undefined ? (
        error === null && <Progress label={common.loading} value={null} />
      ) : (
        <>
          <AvatarEditor address={address} name={profile.name ?? ""} />
          <About key={JSON.stringify(profile)} profile={profile} />
          <Erase />
        </>
      )}
    </Section>
  );
}

/** Name and website. */
function About({ profile }: { readonly profile: OwnProfile }): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.profile;
  const engine = useEngine();
  const [name, setName] = useState(profile.name ?? "");
  const [website, setWebsite] = useState(profile.website ?? "");
  const [looked, setLooked] = useState(false);
  const { busy, error, save } = useSaving();
  const site = website.trim() === "" ? null : webAddress(website);
  const wrongName = name.trim().length > NAME_LENGTH ? texts.tooLong : null;
  const wrongSite = site === undefined ? texts.websiteWrong : null;

  async function submit(): Promise<void> {
    setLooked(true);
    if (wrongName !== null || site === undefined) return;
    const change = { name: name.trim() === "" ? null : name.trim(), website: site };
    await save(async () => await engine.call("profile.set", [change]), {
      said: settings.saved,
      faults: { rate_limited: texts.tooOften, bad_request: texts.tooLong, too_large: texts.tooLong },
    });
  }

  return (
    <Group title={texts.about}>
      <Form onSubmit={() => void submit()}>
        <Field label={texts.name} help={texts.nameHelp} value={name} onChange={setName} error={wrongName} autoComplete="name" />
        <Field
          label={texts.website}
          help={texts.websiteHelp}
          type="url"
          value={website}
          onChange={setWebsite}
          error={looked ? wrongSite : null}
          autoComplete="url"
          autoCapitalize="none"
          spellCheck="false"
          placeholder="https://"
        />
        <FaultLine error={error} />
        <Row>
          <Button kind="primary" type="submit" isDisabled={busy}>
            {busy ? settings.saving : common.save}
          </Button>
          <Note>{texts.limit}</Note>
        </Row>
      </Form>
    </Group>
  );
}

/** Has the server delete what it knows of the owner. */
function Erase(): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.profile;
  const engine = useEngine();
  const [asking, setAsking] = useState(false);
  const { busy, error, save } = useSaving();

  async function erase(): Promise<void> {
    const done = await save(async () => await engine.call("profile.erase", []), {
      said: texts.erased,
      faults: { rate_limited: texts.tooOften },
    });
    if (done) setAsking(false);
  }

  return (
    <Group title={texts.erase} text={texts.eraseText}>
      <Row>
        <Button icon="trash" onPress={() => setAsking(true)}>
          {texts.erase}
        </Button>
      </Row>
      <Dialog title={texts.eraseTitle} isOpen={asking} onClose={() => setAsking(false)}>
        <p>{texts.eraseWarning}</p>
        <FaultLine error={error} />
        <DialogButtons>
          <Button onPress={() => setAsking(false)}>{common.cancel}</Button>
          <Button kind="danger" isDisabled={busy} onPress={() => void erase()}>
            {common.delete}
          </Button>
        </DialogButtons>
      </Dialog>
    </Group>
  );
}
