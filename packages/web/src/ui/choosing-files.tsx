import { useRef, type ReactNode } from "react";

interface ChoosingOptions {
  /** Media types. */
  readonly accept?: readonly string[];
  readonly multiple?: boolean;
}

/** Lets somebody choose files; `chooser` stands beside what they press for it. */
export function useChoosingFiles(
  label: string,
  onFiles: (files: readonly File[]) => void,
  { accept, multiple = true }: ChoosingOptions = {},
): { readonly choose: () => void; readonly chooser: ReactNode } {
  const input = useRef<HTMLInputElement>(null);
  const chooser = (
    <input
      ref={input}
      type="file"
      accept={accept?.join(",")}
      multiple={multiple}
      hidden
      aria-label={label}
      onChange={({ target }) => {
        const files = [...(target.files ?? [])];
        // The same files can be chosen again.
        target.value = "";
        onFiles(files);
      }}
    />
  );
  return { choose: () => input.current?.click(), chooser };
}
