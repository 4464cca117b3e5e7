import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from "react";
import classes from "./field.module.css";

type Attributes = Omit<
  InputHTMLAttributes<HTMLInputElement> & { readonly "aria-label"?: string },
  "onChange" | "value" | "disabled" | "className"
>;

/** A field for text with its label, help and what is wrong with it. */
export function Field({
  label,
  help,
  error = null,
  lines = 1,
  suffix,
  action,
  inputRef,
  isDisabled = false,
  value,
  onChange,
  type = "text",
  id: given,
  ...rest
}: Attributes & {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isDisabled?: boolean;
  readonly help?: string;
  /** What is wrong; null where nothing is. */
  readonly error?: string | null;
  readonly lines?: number;
  /** What always follows, such as the domain of an address. */
  readonly suffix?: string;
  /** A button in the field, at its end. */
  readonly action?: ReactNode;
  readonly inputRef?: Ref<HTMLInputElement>;
}): ReactNode {
  const own = useId();
  const id = given ?? own;
  const describedBy = [help === undefined ? "" : `${id}-help`, error === null ? "" : `${id}-error`].filter((each) => each !== "").join(" ");
  // What is wrong is said, and keeps nobody from trying again: with the platform's own validation a form could not be sent.
  const shared = {
    id,
    value,
    disabled: isDisabled,
    className: classes["input"],
    ...(error === null ? {} : { "aria-invalid": true }),
    ...(describedBy === "" ? {} : { "aria-describedby": describedBy }),
  };
  return (
    <div className={classes["field"]} {...(error === null ? {} : { "data-invalid": true })}>
      <label htmlFor={id} className={classes["label"]}>
        {label}
      </label>
      <span className={classes["box"]}>
        {lines === 1 ? (
          <input {...rest} {...shared} type={type} ref={inputRef} onChange={({ target }) => onChange(target.value)} />
        ) : (
          <textarea {...textAttributes(rest)} {...shared} rows={lines} onChange={({ target }) => onChange(target.value)} />
        )}
        {action}
        {suffix === undefined ? null : <span className={classes["suffix"]}>{suffix}</span>}
      </span>
      {help === undefined ? null : (
        <span id={`${id}-help`} className={classes["help"]}>
          {help}
        </span>
      )}
      {error === null ? null : (
        <span id={`${id}-error`} className={classes["error"]}>
          {error}
        </span>
      )}
    </div>
  );
}

/** Those that a field of several lines has too. */
function textAttributes({ placeholder, maxLength, autoComplete, autoCapitalize, spellCheck, autoFocus }: Attributes) {
  return { placeholder, maxLength, autoComplete, autoCapitalize, spellCheck, autoFocus };
}
