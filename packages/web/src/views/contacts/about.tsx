import type { Contact } from "@smimp/client";
import type { ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { PageSection } from "../trust/page.tsx";
import { usePlainDate } from "../trust/plain-date.ts";
import classes from "./about.module.css";
import { shownName } from "./people.ts";

/** Addresses elsewhere that are shown. */
const ELSEWHERE = 12;

/** What somebody says of themselves. Nothing that it names is fetched. */
export function About({ contact }: { readonly contact: Contact }): ReactNode {
  const { contacts } = useMessages();
  const words = contacts.about;
  const plain = usePlainDate();
  const { data: profile = null } = useLive("profile.of", [contact.address], ["contacts"]);
  const name = shownName(contact);
  const website = profile?.website ?? null;
  const elsewhere = profile?.profiles.slice(0, ELSEWHERE) ?? [];
  const saysNothing = name === null && website === null && elsewhere.length === 0;
  return (
    <PageSection title={words.title}>
      <p className={classes["claim"]}>{saysNothing ? words.nothing : words.claim}</p>
      <dl className={classes["facts"]}>
        {name === null ? null : (
          <>
            <dt>{words.name}</dt>
            <dd>
              <bdi>{name}</bdi>
            </dd>
          </>
        )}
        <dt>{words.address}</dt>
        <dd>{contact.address}</dd>
        {website === null ? null : (
          <>
            <dt>{words.website}</dt>
            <dd>
              <Outside url={website} />
            </dd>
          </>
        )}
        {elsewhere.length === 0 ? null : (
          <>
            <dt>{words.elsewhere}</dt>
            <dd>
              <ul className={classes["list"]}>
                {elsewhere.map((url) => (
                  <li key={url}>
                    <Outside url={url} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        {contact.metAt === null ? null : (
          <>
            <dt>{words.met}</dt>
            <dd>{plain(contact.metAt)}</dd>
          </>
        )}
      </dl>
    </PageSection>
  );
}

/** A link to somewhere else, as the browser itself writes it: nothing in it can look like another place. */
function Outside({ url }: { readonly url: string }): ReactNode {
  const { contacts } = useMessages();
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol !== "https:") return null;
  parsed.username = "";
  parsed.password = "";
  return (
    <a href={parsed.href} target="_blank" rel="noopener noreferrer" title={contacts.about.outside(parsed.host)}>
      {parsed.href}
    </a>
  );
}
