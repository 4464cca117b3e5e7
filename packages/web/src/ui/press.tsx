import type { ButtonHTMLAttributes, KeyboardEvent, MouseEvent, ReactNode, Ref } from "react";

/** How a button was pressed. */
export interface Press {
  /** By a key, or by something that stands in for one, such as a screen reader: whoever did has no pointer where the button is. */
  readonly byKey: boolean;
}

/** What buttons are told. Anything else is an attribute of the element. */
export interface PressableProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled" | "onClick" | "className"> {
  readonly isDisabled?: boolean | undefined;
  readonly onPress?: ((press: Press) => void) | undefined;
}

/** The platform's own button. It has the focus once it was pressed, in each browser, and nothing around it takes the press for its own. */
export function Pressable({
  isDisabled = false,
  onPress,
  onKeyDown,
  type = "button",
  children,
  ...rest
}: PressableProps & { readonly className: string; readonly ref?: Ref<HTMLButtonElement> | undefined }): ReactNode {
  function click(event: MouseEvent<HTMLButtonElement>): void {
    event.stopPropagation();
    // Safari leaves it where it was.
    if (document.activeElement !== event.currentTarget) event.currentTarget.focus({ preventScroll: true });
    onPress?.({ byKey: event.detail === 0 });
  }
  function key(event: KeyboardEvent<HTMLButtonElement>): void {
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
    onKeyDown?.(event);
  }
  return (
    // oxlint-disable-next-line react/button-has-type -- it has one unless somebody asks for another
    <button {...rest} type={type} disabled={isDisabled} onClick={click} onKeyDown={key}>
      {children}
    </button>
  );
}
