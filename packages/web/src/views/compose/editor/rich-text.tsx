import type { Node } from "prosemirror-model";
import type { Command, EditorState } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import { activeAt, COMMANDS, createEditing, isBlank, linkRange, setLink } from "./editing.ts";
import { LinkDialog } from "./link-dialog.tsx";
import { clipboardParser, passiveHtml, pastedFiles, pastedText } from "./pasting.ts";
import classes from "./rich-text.module.css";
import { safeHref } from "./schema.ts";
import { Toolbar } from "./toolbar.tsx";

/** A text that is being written, from outside. */
export interface RichTextHandle {
  /** As it is now. */
  doc(): Node;
  focus(): void;
  /** Begins anew with another text. */
  replace(doc: Node): void;
}

/** A field for text with emphasis, lists and links, which its writer needs to know no signs for. */
export function RichText({
  ref,
  initial,
  label,
  placeholder,
  autoFocus = false,
  onChange,
  onFiles,
  tools,
}: {
  readonly ref: Ref<RichTextHandle>;
  /** What stands in it at first; later ones are not looked at. */
  readonly initial: Node;
  readonly label: string;
  readonly placeholder: string;
  readonly autoFocus?: boolean;
  readonly onChange: () => void;
  /** Files that were pasted or dropped into the text. */
  readonly onFiles?: (files: readonly File[]) => void;
  /** What stands beside the toolbar. */
  readonly tools?: ReactNode;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef({ onChange, onFiles });
  const [beginning] = useState(() => ({ initial, autoFocus, label }));
  const [state, setState] = useState<EditorState | null>(null);
  const [linking, setLinking] = useState(false);
  useEffect(() => {
    told.current = { onChange, onFiles };
  });

  useEffect(() => {
    if (place.current === null) return undefined;
    const editor = new EditorView(place.current, {
      state: createEditing(beginning.initial, () => setLinking(true)),
      attributes: {
        class: classes["text"] ?? "",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": beginning.label,
        spellcheck: "true",
      },
      clipboardParser,
      clipboardTextParser: pastedText,
      transformPastedHTML: passiveHtml,
      dispatchTransaction: (transaction) => {
        editor.updateState(editor.state.apply(transaction));
        setState(editor.state);
        if (transaction.docChanged) told.current.onChange();
      },
      handlePaste: (_, event) => {
        const data = event.clipboardData;
        const files = data === null ? [] : pastedFiles(data);
        if (files.length > 0 && told.current.onFiles !== undefined) {
          told.current.onFiles(files);
          return true;
        }
        const href = safeHref(data?.getData("text/plain") ?? "");
        if (href === null || editor.state.selection.empty) return false;
        editor.dispatch(setLink(editor.state, href, ""));
        return true;
      },
    });
    view.current = editor;
    setState(editor.state);
    if (beginning.autoFocus) editor.focus();
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [beginning]);

  useImperativeHandle(
    ref,
    () => ({
      doc: () => view.current?.state.doc ?? beginning.initial,
      focus: () => view.current?.focus(),
      replace: (doc) => {
        view.current?.updateState(createEditing(doc, () => setLinking(true)));
        if (view.current !== null) setState(view.current.state);
      },
    }),
    [beginning],
  );

  return (
    <div className={classes["field"]}>
      <div className={classes["page"]}>
        {state === null || !isBlank(state.doc) ? null : (
          <span className={classes["placeholder"]} aria-hidden="true">
            {placeholder}
          </span>
        )}
        <div ref={place} className={classes["place"]} />
      </div>
      <Toolbar
        active={state === null ? new Set() : activeAt(state)}
        onCommand={(name, byKey) => {
          const editor = view.current;
          if (editor === null) return;
          const command: Command = COMMANDS[name];
          command(editor.state, editor.dispatch, editor);
          if (!byKey) editor.focus();
        }}
        onLink={() => setLinking(true)}
        tools={tools}
      />
      {!linking || state === null ? null : (
        <LinkDialog
          {...currentLink(state)}
          onSet={(href, text) => {
            const editor = view.current;
            setLinking(false);
            editor?.dispatch(setLink(editor.state, href, text));
            // The dialog gives the focus back first.
            setTimeout(() => editor?.focus(), 0);
          }}
          onClose={() => setLinking(false)}
        />
      )}
    </div>
  );
}

function currentLink(state: EditorState): { readonly href: string; readonly wantsText: boolean } {
  const { from, to, href } = linkRange(state);
  return { href, wantsText: from === to };
}
