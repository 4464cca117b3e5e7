import { useState, type ReactNode, type Ref } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";

/** A field for a passphrase, which can be shown while it is typed. */
export function PassphraseField({
  label,
  value,
  onChange,
  error,
  help,
  autoComplete,
  autoFocus = false,
  shown,
  onShow,
  inputRef,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
  readonly help?: string;
  readonly autoComplete: "current-password" | "new-password";
  readonly autoFocus?: boolean;
  /** Whether it is shown, where somebody else has to know. */
  readonly shown?: boolean;
  readonly onShow?: (shown: boolean) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
}): ReactNode {
  const { door } = useMessages();
  const [own, setOwn] = useState(false);
  const isShown = shown ?? own;
  return (
    <Field
      label={label}
      type={isShown ? "text" : "password"}
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellCheck="false"
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      {...(help === undefined ? {} : { help })}
      {...(inputRef === undefined ? {} : { inputRef })}
      action={
        <IconButton
          icon={isShown ? "eye-off" : "eye"}
          label={isShown ? door.choose.hide : door.choose.show}
          onPress={() => (onShow ?? setOwn)(!isShown)}
        />
      }
    />
  );
}
