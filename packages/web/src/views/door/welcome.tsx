import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Choices } from "./choices.tsx";
import { DoorPage } from "./page.tsx";

/** Where there is no mailbox yet: what one can do. */
export function Welcome({
  onInvite,
  trouble,
}: {
  readonly onInvite: (link: string) => void;
  /** Why an account that was begun came to nothing. */
  readonly trouble: string | null;
}): ReactNode {
  const { door } = useMessages();
  const { welcome } = door;
  const [, go] = useLocation();
  const here = new URL("./join", location.href).href.replace(/#.*/, "");
  // Where it is served from a person's own machine there is no server at this address, and nothing is offered.
  const { data: server } = useLive("door.invite", here.startsWith("https:") ? [here] : null, []);
  return (
    <DoorPage title={welcome.title} text={welcome.text}>
      {trouble === null ? null : <Banner tone="danger" icon="error" title={trouble} />}
      <Choices
        choices={[
          ...(server?.admission === "open"
            ? [
                {
                  icon: "plus" as const,
                  title: welcome.open(server.domains[0] ?? server.host),
                  text: welcome.openText,
                  choose: () => onInvite(here),
                },
              ]
            : []),
          { icon: "ticket", title: welcome.invite, text: welcome.inviteText, choose: () => go("/invite") },
          { icon: "words", title: welcome.restore, text: welcome.restoreText, choose: () => go("/restore") },
          { icon: "device", title: welcome.link, text: welcome.linkText, choose: () => go("/link") },
        ]}
      />
    </DoorPage>
  );
}
