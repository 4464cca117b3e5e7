import { useEffect, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Meter } from "../../ui/meter.tsx";
import { Progress } from "../../ui/progress.tsx";
import { toast } from "../../ui/toasts.tsx";
import { useIndexing } from "../search/indexing.ts";
import { Group, Note, Row, Section } from "./section.tsx";

/** Share of the room from which on its owner is told. */
const NEARLY_FULL = 0.9;

/** How much room the mailbox takes: on its server, in this browser, and for searching. */
export function Storage(): ReactNode {
  const { settings, data } = useMessages();
  return (
    <Section title={settings.sections.storage} intro={data.storage.intro}>
      <OnServer />
      <InBrowser />
      <ForSearch />
    </Section>
  );
}

function OnServer(): ReactNode {
  const { data, common } = useMessages();
  const texts = data.storage;
  const { size } = useDates();
  const { data: quota, error } = useLive("account.quota", [], ["messages"]);
  if (quota === undefined) {
    return (
      <Group title={texts.server}>
        {error === null ? <Progress label={common.loading} value={null} /> : <Banner tone="warning" icon="offline" title={texts.away} />}
      </Group>
    );
  }
  const { used, total } = quota;
  return (
    <Group title={texts.server}>
      {total === null ? (
        <p>{texts.usedOnly(size(used))}</p>
      ) : (
        <>
          <Meter label={texts.server} text={texts.used(size(used), size(total))} value={total === 0 ? 1 : used / total} />
          <Note>{texts.left(size(Math.max(0, total - used)))}</Note>
          {used / total >= NEARLY_FULL ? <Banner tone="warning" icon="disk" title={texts.full} /> : null}
        </>
      )}
    </Group>
  );
}

interface Browser {
  readonly used: number | null;
  readonly quota: number | null;
  readonly kept: boolean;
}

function InBrowser(): ReactNode {
  const { data } = useMessages();
  const texts = data.storage;
  const { size } = useDates();
  const [browser, setBrowser] = useState<Browser | null>(null);
  useEffect(() => {
    let wanted = true;
    void readBrowser().then((found) => wanted && setBrowser(found));
    return () => void (wanted = false);
  }, []);

  async function persist(): Promise<void> {
    const agreed = await navigator.storage.persist();
    toast(agreed ? { text: texts.persisted } : { text: texts.refused, tone: "error" });
    setBrowser(await readBrowser());
  }

  if (browser === null) return <Group title={texts.browser} />;
  return (
    <Group title={texts.browser}>
      {browser.used === null ? (
        <p>{texts.browserUnknown}</p>
      ) : (
        <p>
          <strong>{texts.browserUsed(size(browser.used))}</strong>
          {browser.quota === null ? null : ` ${texts.browserLeft(size(browser.quota))}`}
        </p>
      )}
      <Note>{browser.kept ? texts.kept : texts.notKept}</Note>
      {browser.kept ? null : (
        <Row>
          <Button onPress={() => void persist()}>{texts.persist}</Button>
        </Row>
      )}
    </Group>
  );
}

async function readBrowser(): Promise<Browser> {
  try {
    const { usage = null, quota = null } = await navigator.storage.estimate();
    return { used: usage, quota, kept: await navigator.storage.persisted() };
  } catch {
    return { used: null, quota: null, kept: false };
  }
}

function ForSearch(): ReactNode {
  const { data } = useMessages();
  const texts = data.storage;
  const { number } = useDates();
  const { data: status } = useLive("search.status", [], ["search", "messages"]);
  const { progress, start } = useIndexing();
  return (
    <Group title={texts.index} text={texts.indexText}>
      {progress === null ? (
        status === undefined ? null : (
          <>
            <p>{texts.indexed(status.indexed)}</p>
            {status.pending === 0 ? null : (
              <>
                <p>{texts.pending(status.pending)}</p>
                <Row>
                  <Button icon="search" onPress={start}>
                    {texts.buildIndex}
                  </Button>
                </Row>
              </>
            )}
          </>
        )
      ) : (
        <Progress
          label={texts.indexing(number(progress.done), number(progress.total))}
          value={progress.total === 0 ? null : progress.done / progress.total}
        />
      )}
    </Group>
  );
}
