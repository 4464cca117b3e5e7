import { useState, useSyncExternalStore, type ReactNode } from "react";
import { onPreferences, prefer, preferences } from "../../app/preferences.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Switch } from "../../ui/switch.tsx";
import { toast } from "../../ui/toasts.tsx";
import { Group, Row, Section } from "./section.tsx";

/** Whether new messages are told of while the page isn't looked at. */
export function Notifications(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.notifications;
  const { notifications } = useSyncExternalStore(onPreferences, preferences);
  const [permission, setPermission] = useState(permissionNow);
  const [asking, setAsking] = useState(false);
  const isOn = notifications && permission === "granted";

  async function change(wanted: boolean): Promise<void> {
    if (!wanted) {
      prefer({ notifications: false });
      return toast({ text: texts.off });
    }
    setAsking(true);
    const answer = await Notification.requestPermission();
    setAsking(false);
    setPermission(answer);
    if (answer !== "granted") return;
    prefer({ notifications: true });
    toast({ text: texts.on });
  }

  async function show(): Promise<void> {
    const options = { body: texts.testText, icon: "./icon.svg", tag: "smimp-test" };
    // Phones show what comes from the service worker only.
    const worker = await navigator.serviceWorker?.getRegistration();
    if (worker === undefined) void new Notification(texts.testTitle, options);
    else await worker.showNotification(texts.testTitle, options);
  }

  return (
    <Section title={settings.sections.notifications} intro={texts.intro}>
      <Group title={settings.sections.notifications}>
        {permission === null ? <Banner tone="info" icon="bell" title={texts.unsupported} /> : null}
        {permission === "denied" ? <Banner tone="warning" icon="bell" title={texts.denied} /> : null}
        <Switch
          label={texts.show}
          text={asking ? texts.asking : texts.what}
          isOn={isOn}
          isDisabled={permission === null || permission === "denied" || asking}
          onChange={(wanted) => void change(wanted)}
        />
        {isOn ? (
          <Row>
            <Button onPress={() => void show()}>{texts.test}</Button>
          </Row>
        ) : null}
      </Group>
    </Section>
  );
}

/** What the browser allows; null where it has no notifications. */
function permissionNow(): NotificationPermission | null {
  return "Notification" in globalThis ? Notification.permission : null;
}
