import { useEffect, useState, type ReactNode } from "react";
import { Checkbox, CheckboxGroup } from "react-aria-components";
import { useEngine, useLive } from "../../app/engine.tsx";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import classes from "./choose.module.css";
import type { Targets } from "./threads.ts";

/** Labels that are offered at once. */
const OFFERED = 200;
/** Characters of a label. */
const LABEL_LENGTH = 60;

/** Asks which labels messages shall have. */
export function ChooseLabels({
  targets,
  onClose,
  onChosen,
}: {
  readonly targets: Targets;
  readonly onClose: () => void;
  readonly onChosen: (change: { readonly add: readonly string[]; readonly remove: readonly string[] }) => void;
}): ReactNode {
  const messages = useMessages();
  const { mailbox, common } = messages;
  const texts = mailbox.chooseLabels;
  const engine = useEngine();
  const { data: known = [] } = useLive("inbox.labels", [], ["messages"]);
  const [before, setBefore] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<unknown>(null);

  useEffect(() => {
    let wanted = true;
    const look = async (): Promise<void> => {
      const lines = await engine.call("inbox.messagesOf", [targets.list, targets.threads]);
      const [first = [], ...rest] = lines.map(({ labels }) => labels);
      // What all of them have.
      const common = first.filter((label) => rest.every((labels) => labels.includes(label)));
      if (!wanted) return;
      setBefore(common);
      setChosen((now) => [...new Set([...now, ...common])]);
    };
    look().catch((error: unknown) => {
      if (!wanted) return;
      // Without the labels that are there, none could be taken away.
      setFault(error);
    });
    return () => void (wanted = false);
  }, [engine, targets]);

  const wanted = oneLine(typed).slice(0, LABEL_LENGTH);
  const all = [...new Set([...chosen, ...known.map(({ label }) => label)])].toSorted((a, b) => a.localeCompare(b));
  const shown = all.filter((label) => label.toLowerCase().includes(wanted.toLowerCase())).slice(0, OFFERED);
  const isNew = wanted !== "" && !all.includes(wanted);
  const create = (): void => {
    setChosen([...chosen, wanted]);
    setTyped("");
  };

  return (
    <Dialog title={texts.title} isOpen onClose={onClose}>
      <Field
        label={texts.find}
        value={typed}
        onChange={setTyped}
        autoFocus
        onKeyDown={(event) => {
          if (event.key === "Enter" && isNew) create();
        }}
      />
      <CheckboxGroup aria-label={texts.title} value={[...chosen]} onChange={setChosen} className={classes["list"] ?? ""}>
        {shown.map((label) => (
          <Checkbox key={label} value={label} className={classes["item"] ?? ""}>
            {({ isSelected }) => (
              <>
                <span className={classes["box"]}>{isSelected ? <Icon name="check" size={16} /> : null}</span>
                {oneLine(label)}
              </>
            )}
          </Checkbox>
        ))}
        {shown.length === 0 && !isNew ? <p className={classes["none"]}>{texts.none}</p> : null}
      </CheckboxGroup>
      {isNew ? (
        <Button kind="quiet" icon="plus" onPress={create}>
          {texts.create(wanted)}
        </Button>
      ) : null}
      {fault === null ? null : <p role="alert">{faultText(messages, fault)}</p>}
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button
          kind="primary"
          onPress={() => {
            onClose();
            onChosen({
              add: chosen.filter((label) => !before.includes(label)),
              remove: before.filter((label) => !chosen.includes(label)),
            });
          }}
        >
          {texts.apply}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
