import type { ListedEntry } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import { Radios } from "../../ui/radios.tsx";
import { toast } from "../../ui/toasts.tsx";
import { PageSection } from "../trust/page.tsx";
import classes from "./access.module.css";

type Choice = "usual" | "allow" | "block";

/** Whether somebody gets in, and what the owner notes of them. */
export function Access({ address }: { readonly address: Address }): ReactNode {
  const messages = useMessages();
  const words = messages.contacts.access;
  const engine = useEngine();
  const name = useNames()(address);
  const allow = useLive("lists.list", ["allow"], ["lists"]);
  const block = useLive("lists.list", ["block"], ["lists"]);
  const [wanted, setWanted] = useState<Choice | null>(null);

  if (allow.data === undefined || block.data === undefined) {
    return (
      <PageSection title={words.title(name)}>
        <p role="status">{allow.loading || block.loading ? messages.common.loading : words.unreachable}</p>
      </PageSection>
    );
  }
  const [allowed, blocked] = [entryOf(allow.data, address), entryOf(block.data, address)];
  const now: Choice = blocked !== null ? "block" : allowed !== null ? "allow" : "usual";
  const domain = address.slice(address.indexOf("#"));

  async function choose(choice: Choice): Promise<void> {
    setWanted(choice);
    const note = (blocked ?? allowed)?.text ?? "";
    try {
      // Into the new list first: in between nobody is let in who shall not be.
      if (choice !== "usual") await engine.call("lists.add", [choice, address, note]);
      if (choice !== "allow" && allowed !== null) await engine.call("lists.remove", ["allow", address]);
      if (choice !== "block" && blocked !== null) await engine.call("lists.remove", ["block", address]);
    } catch (error) {
      toast({ text: faultText(messages, error), tone: "error" });
    } finally {
      setWanted(null);
    }
  }

  return (
    <PageSection title={words.title(name)}>
      <Radios
        label={words.label}
        hideLabel
        value={wanted ?? now}
        onChange={(choice) => void choose(choice)}
        options={[
          { value: "usual", label: words.usual, text: words.usualText },
          { value: "allow", label: words.always, text: words.alwaysText },
          { value: "block", label: words.blocked, text: words.blockedText },
        ]}
      />
      {now === "usual" && entryOf(block.data, domain) !== null ? <p>{words.byDomain(domain.slice(1))}</p> : null}
      {now === "usual" && entryOf(allow.data, domain) !== null ? <p>{words.byDomainAllowed(domain.slice(1))}</p> : null}
      {now === "usual" ? null : <Note key={now} address={address} list={now} text={(blocked ?? allowed)?.text ?? ""} />}
    </PageSection>
  );
}

function entryOf(entries: readonly ListedEntry[], entry: string): ListedEntry | null {
  return entries.find((each) => each.entry === entry) ?? null;
}

function Note({ address, list, text }: { readonly address: Address; readonly list: "allow" | "block"; readonly text: string }): ReactNode {
  const messages = useMessages();
  const words = messages.contacts.access;
  const engine = useEngine();
  const [written, setWritten] = useState<string | null>(null);
  const save = (): void => {
    engine.call("lists.add", [list, address, written ?? text]).then(
      () => {
        setWritten(null);
        toast({ text: words.saved });
      },
      (error: unknown) => toast({ text: faultText(messages, error), tone: "error" }),
    );
  };
  return (
    <div className={classes["note"]}>
      <Field label={words.note} help={words.noteHelp} lines={2} maxLength={500} value={written ?? text} onChange={setWritten} />
      {written === null || written === text ? null : <Button onPress={save}>{messages.common.save}</Button>}
    </div>
  );
}
