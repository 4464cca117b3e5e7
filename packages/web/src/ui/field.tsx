import type { ReactNode, Ref } from "react";
import { FieldError, Input, Label, Text, TextArea, TextField, type TextFieldProps } from "react-aria-components";
import classes from "./field.module.css";

/** A field for text with its label, help and what is wrong with it. */
export function Field({
  label,
  help,
  error,
  lines = 1,
  suffix,
  action,
  list,
  inputRef,
  placeholder,
  autoCapitalize,
  ...rest
}: Omit<TextFieldProps, "children" | "className"> & {
  readonly label: string;
  readonly help?: string;
  /** What is wrong; null where nothing is. */
  readonly error?: string | null;
  readonly lines?: number;
  /** What always follows, such as the domain of an address. */
  readonly suffix?: string;
  /** A button in the field, at its end. */
  readonly action?: ReactNode;
  /** The id of a `datalist` with what may be typed. */
  readonly list?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly placeholder?: string;
  /** Whether keyboards of phones begin with a capital letter. */
  readonly autoCapitalize?: "none" | "sentences";
}): ReactNode {
  const shown = {
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(autoCapitalize === undefined ? {} : { autoCapitalize }),
    ...(list === undefined ? {} : { list }),
  };
  // What is wrong is said, and keeps nobody from trying again: with the platform's own validation a form could not be sent.
  return (
    <TextField validationBehavior="aria" {...rest} isInvalid={error !== null && error !== undefined} className={classes["field"] ?? ""}>
      <Label className={classes["label"] ?? ""}>{label}</Label>
      <span className={classes["box"]}>
        {lines === 1 ? (
          <Input {...shown} {...(inputRef === undefined ? {} : { ref: inputRef })} className={classes["input"] ?? ""} />
        ) : (
          <TextArea {...shown} rows={lines} className={classes["input"] ?? ""} />
        )}
        {action}
        {suffix === undefined ? null : <span className={classes["suffix"]}>{suffix}</span>}
      </span>
      {help === undefined ? null : (
        <Text slot="description" className={classes["help"] ?? ""}>
          {help}
        </Text>
      )}
      <FieldError className={classes["error"] ?? ""}>{error}</FieldError>
    </TextField>
  );
}
