import type { ListedEntry } from "@smimp/client";
import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import { toast } from "../../ui/toasts.tsx";
import { usePlainDate } from "../trust/plain-date.ts";
import classes from "./access-lists.module.css";

/** Who is kept out, to be looked at and changed. */
export function BlockList(): ReactNode {
  const { lists } = useMessages().contacts;
  return <AccessList which="block" nobody={lists.nobodyBlocked} />;
}

/** Who always gets in, to be looked at and changed. */
export function AllowList(): ReactNode {
  const { lists } = useMessages().contacts;
  return <AccessList which="allow" nobody={lists.nobodyAllowed} />;
}

function AccessList({ which, nobody }: { readonly which: "allow" | "block"; readonly nobody: string }): ReactNode {
  const messages = useMessages();
  const words = messages.contacts.lists;
  const engine = useEngine();
  const { data, loading } = useLive("lists.list", [which], ["lists"]);

  const remove = ({ entry, hash, text: note }: ListedEntry): void => {
    engine.call("lists.remove", [which, entry ?? hash]).then(
      () => {
        const shown = entry ?? words.unreadable;
        const undo = entry === null ? {} : { undo: () => void engine.call("lists.add", [which, entry, note]).catch(() => undefined) };
        toast({ text: words.removed(shown), ...undo });
      },
      (error: unknown) => toast({ text: faultText(messages, error), tone: "error" }),
    );
  };

  return (
    <div className={classes["list"]}>
      <AddEntry which={which} />
      {data === undefined ? (
        <p role="status">{loading ? messages.common.loading : words.unreachable}</p>
      ) : data.length === 0 ? (
        <p className={classes["text"]}>{nobody}</p>
      ) : (
        <ul className={classes["entries"]} aria-label={words[which]}>
          {data.map((each) => (
            <Entry key={each.hash} listed={each} onRemove={() => remove(each)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Entry({
  listed: { entry, text, createdAt },
  onRemove,
}: {
  readonly listed: ListedEntry;
  readonly onRemove: () => void;
}): ReactNode {
  const words = useMessages().contacts.lists;
  const plain = usePlainDate();
  return (
    <li className={classes["entry"]}>
      <span className={classes["words"]}>
        <span className={classes["name"]}>{entry ?? words.unreadable}</span>
        <span className={classes["text"]}>
          {text === "" ? null : <bdi>{`${oneLine(text)} · `}</bdi>}
          {words.since(plain(createdAt))}
        </span>
      </span>
      <IconButton icon="close" label={words.remove(entry ?? words.unreadable)} onPress={onRemove} />
    </li>
  );
}

function AddEntry({ which }: { readonly which: "allow" | "block" }): ReactNode {
  const messages = useMessages();
  const words = messages.contacts.lists;
  const engine = useEngine();
  const [entry, setEntry] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    engine
      .call("lists.add", [which, entry.trim().toLowerCase(), ""])
      .then(
        () => setEntry(""),
        (fault: unknown) => {
          const text = faultText(messages, fault);
          setError(text === messages.common.errors.bad_address ? words.bad : text);
        },
      )
      .finally(() => setBusy(false));
  };

  return (
    <form className={classes["form"]} onSubmit={onSubmit} noValidate>
      <Field
        label={words.entry}
        help={words.entryHelp}
        value={entry}
        onChange={(value) => {
          setEntry(value);
          setError(null);
        }}
        error={error}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck="false"
      />
      <Button type="submit" isDisabled={entry.trim() === ""}>
        {words.add}
      </Button>
    </form>
  );
}
