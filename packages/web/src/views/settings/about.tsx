import { useEffect, useState, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { toast } from "../../ui/toasts.tsx";
import { useBaseUrl } from "./address.ts";
import classes from "./about.module.css";
import { readBuild, type Build } from "./build.ts";
import { Facts } from "./facts.tsx";
import { Group, Note, Points, Section } from "./section.tsx";

/** What this is: version, what is protected and what isn't, and how anybody can check it. */
export function About(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.about;
  const baseUrl = useBaseUrl();
  const [build, setBuild] = useState<Build | null | "asking">("asking");
  useEffect(() => {
    let wanted = true;
    void readBuild().then(
      (found) => wanted && setBuild(found),
      () => wanted && setBuild(null),
    );
    return () => void (wanted = false);
  }, []);

  return (
    <Section title={settings.sections.about} intro={texts.intro}>
      <Group title={texts.protects}>
        <Points points={texts.protected} />
      </Group>
      <Group title={texts.notProtects}>
        <Points points={texts.notProtected} />
      </Group>
      <Group title={texts.build} text={texts.buildText}>
        {build === "asking" ? (
          <Note>{texts.loading}</Note>
        ) : build === null ? (
          <Note>{texts.buildUnknown}</Note>
        ) : (
          <>
            <Code text={build.hash} />
            <Facts
              facts={[
                [texts.version, build.version],
                [texts.server, baseUrl],
              ]}
            />
          </>
        )}
        <h3 className={classes["small"]}>{texts.compare}</h3>
        <Note>{texts.compareText}</Note>
        <Code text={`smimp open --compare ${baseUrl}`} />
        <Code text="smimp open" />
        <Code text="npm run build:web && sha256sum packages/web/dist/release.json" />
      </Group>
      <Group title={texts.protocol} text={texts.protocolText} />
    </Section>
  );
}

/** A text that is taken elsewhere as it is. */
function Code({ text }: { readonly text: string }): ReactNode {
  const { settings, door } = useMessages();

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toast({ text: settings.about.copied });
    } catch {
      toast({ text: door.phrase.notCopied, tone: "error" });
    }
  }

  return (
    <div className={classes["code"]}>
      <code translate="no">{text}</code>
      <IconButton icon="copy" label={`${settings.about.copy}: ${text}`} onPress={() => void copy()} />
    </div>
  );
}
