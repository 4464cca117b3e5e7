import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { InputRule, inputRules, textblockTypeInputRule, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { Fragment, Slice, type MarkType, type Node, type NodeType } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { EditorState, TextSelection, type Command } from "prosemirror-state";
import { MAX_HEADING, safeHref, schema } from "./schema.ts";

// What somebody can do with a text, and what keys and signs do it.

/** The level of heading that the toolbar makes. */
const HEADING = 2;

const { nodes, marks } = schema;

/** Everything that the toolbar does, by name. */
export const COMMANDS = {
  bold: toggleMark(marks.strong),
  italic: toggleMark(marks.em),
  code: toggleMark(marks.code),
  bullets: toggleList(nodes.bullet_list),
  numbers: toggleList(nodes.ordered_list),
  quote: toggleWrap(nodes.blockquote),
  heading: toggleBlock(nodes.heading, { level: HEADING }),
  codeBlock: toggleBlock(nodes.code_block),
  rule: insertRule,
  undo,
  redo,
} satisfies Record<string, Command>;

/** The name of something that the toolbar does. */
export type CommandName = keyof typeof COMMANDS;

/** What is on where the cursor is. */
export function activeAt(state: EditorState): ReadonlySet<CommandName | "link"> {
  const { $from, from, to, empty } = state.selection;
  const has = (type: MarkType): boolean =>
    empty ? type.isInSet(state.storedMarks ?? $from.marks()) !== undefined : state.doc.rangeHasMark(from, to, type);
  const above = (type: NodeType): boolean =>
    Array.from({ length: $from.depth + 1 }, (_, depth) => $from.node(depth)).some((node) => node.type === type);
  const all: Record<string, boolean> = {
    bold: has(marks.strong),
    italic: has(marks.em),
    code: has(marks.code),
    link: has(marks.link),
    bullets: above(nodes.bullet_list),
    numbers: above(nodes.ordered_list),
    quote: above(nodes.blockquote),
    heading: above(nodes.heading),
    codeBlock: above(nodes.code_block),
  };
  return new Set(Object.keys(all).filter((name) => all[name] === true) as (CommandName | "link")[]);
}

/** A text to be written on, with the cursor at its beginning. */
export function createEditing(doc: Node, onLink: () => void): EditorState {
  const state = EditorState.create({
    doc,
    plugins: [
      inputRules({ rules: rules() }),
      keymap({
        "Mod-b": COMMANDS.bold,
        "Mod-i": COMMANDS.italic,
        "Mod-e": COMMANDS.code,
        "Mod-k": () => {
          onLink();
          return true;
        },
        "Mod-Shift-7": COMMANDS.numbers,
        "Mod-Shift-8": COMMANDS.bullets,
        "Mod-Shift-9": COMMANDS.quote,
        "Mod-Alt-1": COMMANDS.heading,
        "Mod-z": undo,
        "Mod-y": redo,
        "Mod-Shift-z": redo,
        Backspace: undoInputRule,
        Enter: splitListItem(nodes.list_item),
        "Shift-Enter": chainCommands(exitHeading, exitCode, breakLine),
        // Elsewhere the key goes on to what comes next in the page.
        Tab: sinkListItem(nodes.list_item),
        "Shift-Tab": liftListItem(nodes.list_item),
      }),
      keymap(baseKeymap),
      history(),
    ],
  });
  return state.apply(state.tr.setSelection(TextSelection.atStart(state.doc)));
}

function toggleList(type: NodeType): Command {
  return (state, dispatch) => {
    const { $from } = state.selection;
    for (let depth = $from.depth; depth > 0; depth--) {
      const node = $from.node(depth);
      if (node.type === type) return liftListItem(nodes.list_item)(state, dispatch);
      // The other kind of list becomes this one.
      if (node.type === nodes.bullet_list || node.type === nodes.ordered_list) {
        dispatch?.(state.tr.setNodeMarkup($from.before(depth), type));
        return true;
      }
    }
    return wrapInList(type)(state, dispatch);
  };
}

function toggleWrap(type: NodeType): Command {
  return (state, dispatch) => {
    const { $from } = state.selection;
    const isIn = Array.from({ length: $from.depth }, (_, depth) => $from.node(depth + 1)).some((node) => node.type === type);
    return isIn ? lift(state, dispatch) : wrapIn(type)(state, dispatch);
  };
}

function toggleBlock(type: NodeType, attrs: { readonly level?: number } = {}): Command {
  return (state, dispatch) => {
    const isOn = state.selection.$from.parent.type === type;
    return isOn ? setBlockType(nodes.paragraph)(state, dispatch) : setBlockType(type, attrs)(state, dispatch);
  };
}

function insertRule(state: EditorState, dispatch: Parameters<Command>[1]): boolean {
  if (dispatch === undefined) return true;
  const blocks = Fragment.from([nodes.horizontal_rule.create(), nodes.paragraph.create()]);
  const { tr } = state;
  tr.replaceSelection(new Slice(blocks, 0, 0));
  dispatch(tr.scrollIntoView());
  return true;
}

/** A heading is one line. */
function exitHeading(state: EditorState, dispatch: Parameters<Command>[1]): boolean {
  if (state.selection.$from.parent.type !== nodes.heading) return false;
  return baseKeymap["Enter"]?.(state, dispatch) ?? false;
}

function breakLine(state: EditorState, dispatch: Parameters<Command>[1]): boolean {
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
}

function rules(): readonly InputRule[] {
  return [
    wrappingInputRule(/^\s*>\s$/, nodes.blockquote),
    wrappingInputRule(/^\s*[-*+]\s$/, nodes.bullet_list),
    wrappingInputRule(/^(\d{1,9})[.)]\s$/, nodes.ordered_list, ([, number]) => ({ order: Number(number) })),
    textblockTypeInputRule(new RegExp(`^(#{1,${MAX_HEADING}})\\s$`), nodes.heading, ([, signs]) => ({ level: signs?.length ?? HEADING })),
    textblockTypeInputRule(/^```$/, nodes.code_block),
    markRule(/(?:^|[\s(])(\*\*([^*\s](?:[^*]*[^*\s])?)\*\*)$/, marks.strong),
    markRule(/(?:^|[\s(])(\*([^*\s](?:[^*]*[^*\s])?)\*)$/, marks.em),
    markRule(/(?:^|[\s(])(_([^_\s](?:[^_]*[^_\s])?)_)$/, marks.em),
    markRule(/(?:^|[\s(])(`([^`]+)`)$/, marks.code),
    new InputRule(/(?:^|\s)(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])[.,;:!?)]*\s$/, (state, match, start, end) => {
      const [whole, href = ""] = match;
      const from = start + whole.indexOf(href);
      if (safeHref(href) === null || state.doc.rangeHasMark(from, end, marks.code)) return null;
      const { tr } = state;
      // The space that was typed stands in no document yet.
      tr.insertText(whole.at(-1) ?? " ", end).addMark(from, from + href.length, marks.link.create({ href }));
      return tr.removeStoredMark(marks.link);
    }),
  ];
}

/** What stands between signs gets the mark, and the signs go. */
function markRule(pattern: RegExp, type: MarkType): InputRule {
  return new InputRule(pattern, (state, match, start, end) => {
    const [whole, signed = "", text = ""] = match;
    const from = start + whole.length - signed.length;
    const before = signed.indexOf(text);
    const { tr } = state;
    // The last sign was typed just now, and stands in no document yet.
    const closing = signed.length - before - text.length - 1;
    const textEnd = from + before + text.length;
    if (closing > 0) tr.delete(textEnd, end);
    tr.delete(from, from + before);
    tr.addMark(from, from + text.length, type.create());
    return tr.removeStoredMark(type);
  });
}

/** A link over what is selected, or as a text of its own; null takes it away. */
export function setLink(state: EditorState, href: string | null, text: string): ReturnType<EditorState["tr"]["removeMark"]> {
  const { from, to } = linkRange(state);
  const { tr } = state;
  if (href === null) return tr.removeMark(from, to, marks.link);
  if (from === to) return tr.replaceSelectionWith(schema.text(text === "" ? href : text, [marks.link.create({ href })]), false);
  return tr.removeMark(from, to, marks.link).addMark(from, to, marks.link.create({ href }));
}

/** The link where the cursor is, whole; else what is selected. */
export function linkRange(state: EditorState): { readonly from: number; readonly to: number; readonly href: string } {
  const { from, to, $from, empty } = state.selection;
  const { parent, parentOffset } = $from;
  const near = parent.childAfter(parentOffset).node ?? parent.childBefore(parentOffset).node;
  const mark = near === null ? undefined : marks.link.isInSet(near.marks);
  if (mark === undefined || !empty) return { from, to, href: mark === undefined ? "" : String(mark.attrs["href"]) };
  let [first, last] = [parentOffset, parentOffset];
  parent.forEach((child, offset) => {
    const touches = offset <= parentOffset && offset + child.nodeSize >= parentOffset && mark.isInSet(child.marks);
    if (touches) [first, last] = [Math.min(first, offset), Math.max(last, offset + child.nodeSize)];
  });
  const start = $from.start();
  return { from: start + first, to: start + last, href: String(mark.attrs["href"]) };
}

/** Whether nothing is written at all. */
export function isBlank(doc: Node): boolean {
  const [first] = Array.from({ length: doc.childCount }, (_, index) => doc.child(index));
  return doc.childCount === 1 && first?.type === nodes.paragraph && first.content.size === 0;
}
