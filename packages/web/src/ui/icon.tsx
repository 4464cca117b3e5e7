import type { ReactNode } from "react";

/** Shapes on a field of 24 by 24, drawn as lines. */
const SHAPES = {
  archive: "M4 5h16v4H4zM6 9v10h12V9M10 13h4",
  attach: "M19 11l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L13 4.3a3 3 0 0 1 4.2 4.2l-7.8 7.8a1.5 1.5 0 0 1-2.1-2.1L14 7.5",
  back: "M15 5l-7 7 7 7",
  bell: "M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 20h4",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.7 5.7l12.6 12.6",
  bold: "M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z",
  bullets: "M9 6h11M9 12h11M9 18h11M4.500 6v.010M4.500 12v.010M4.500 18v.010",
  chat: "M4 5h16v11H9l-5 4z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M9 6l6 6-6 6",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  close: "M6 6l12 12M18 6L6 18",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5",
  "code-block": "M4 5h16v14H4zM9 10l-2 2 2 2M15 10l2 2-2 2",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  disk: "M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3zM4 6v12c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3",
  device: "M5 4h14v11H5zM2 19h20",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  draft: "M5 20h14M6 16l1-4 9-9 3 3-9 9z",
  error: "M12 3l10 18H2zM12 10v5M12 18v.01",
  expand: "M9 4H4v5M15 20h5v-5M4 4l6 6M20 20l-6-6",
  eye: "M2 12c2.500-4.500 6-7 10-7s7.500 2.500 10 7c-2.500 4.500-6 7-10 7s-7.500-2.500-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  "eye-off":
    "M4 4l16 16M9.500 5.400A10 10 0 0 1 12 5c4 0 7.500 2.500 10 7a17 17 0 0 1-2.600 3.500M6.200 7.200A15 15 0 0 0 2 12c2.500 4.500 6 7 10 7a10 10 0 0 0 4.600-1.100M10 10a3 3 0 0 0 4 4.200",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  fire: "M12 3c1 4 5 5.500 5 11a5 5 0 0 1-10 0c0-2.500 1.500-3.500 2-5.500 1.500 1 2 2 2 3.500 1.500-2 1.500-5.500 1-9z",
  folder: "M3 6h6l2 3h10v10H3z",
  forward: "M14 6l6 6-6 6M20 12H9a5 5 0 0 0-5 5v1",
  heading: "M6 5v14M18 5v14M6 12h12",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.4-1 .9-1 1.700M12 16.500v.01",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15 9v.01",
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5",
  italic: "M14 5l-4 14M11 5h6M7 19h6",
  key: "M8 15a4 4 0 1 1 3.9-5H21v4h-3v3h-4v-3h-2.1A4 4 0 0 1 8 15z",
  label: "M4 4h8l8 8-8 8-8-8zM8 8v.01",
  link: "M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.500l-3 3a4 4 0 0 0 5.700 5.700L12 17",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  menu: "M4 7h16M4 12h16M4 17h16",
  minimise: "M5 18h14",
  more: "M5 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0zM11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0zM17 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
  move: "M3 6h6l2 3h10v10H3zM10 14h6M13 11l3 3-3 3",
  numbers: "M10 6h10M10 12h10M10 18h10M4 5l1.500-1v5M4 14.500c0-1.700 2.500-1.700 2.500 0 0 1-2.500 2-2.500 3.500h2.500",
  offline: "M4 4l16 16M8 18h9a4 4 0 0 0 2.7-7M16 8.5A6 6 0 0 0 9 7M6.5 9.5A4.5 4.5 0 0 0 7 18",
  outbox: "M4 13l3-8h10l3 8v6H4zM12 16V8M9 11l3-3 3 3",
  people: "M9 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 20c0-4 3-6 7-6s7 2 7 6M16 4.5a4 4 0 0 1 0 7M18 14.5c2.5.700 4 2.5 4 5.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c0-4 3.5-6 8-6s8 2 8 6",
  plus: "M12 5v14M5 12h14",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  quote: "M4 6v12M9 8h11M9 12h11M9 16h7",
  read: "M3 9l9-6 9 6v11H3zM3 9l9 6 9-6",
  redo: "M15 5l5 5-5 5M20 10H9a5 5 0 0 0 0 10h3",
  reply: "M10 6l-6 6 6 6M4 12h11a5 5 0 0 1 5 5v1",
  "reply-all": "M8 6l-6 6 6 6M13 6l-6 6 6 6M7 12h9a5 5 0 0 1 5 5v1",
  rule: "M4 12h16",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  "select-all": "M4 4h16v16H4zM8 12l3 3 5-6",
  send: "M4 4l17 8-17 8 3-8zM7 12h7",
  settings:
    "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M18.4 5.6l-1.8 1.8M7.4 16.6l-1.8 1.8",
  shield: "M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6z",
  "shield-check": "M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-4.5",
  shrink: "M10 4v6H4M14 20v-6h6M4 4l6 6M20 20l-6-6",
  star: "M12 3.5l2.6 5.6 6 .700-4.5 4.1 1.2 6-5.3-3-5.3 3 1.2-6L3.4 9.8l6-.700z",
  ticket: "M3 7h18v3a2 2 0 0 0 0 4v3H3v-3a2 2 0 0 0 0-4zM14 7v2M14 12v.010M14 15v2",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  undo: "M9 5l-5 5 5 5M4 10h11a5 5 0 0 1 0 10h-3",
  unread: "M3 6h18v12H3zM3 6l9 7 9-7",
  words: "M5 3h14v18H5zM8 8h3M8 12h3M8 16h3M13 8h3M13 12h3M13 16h3",
  work: "M12 3v3M12 18v3M4.2 7.5l2.6 1.5M17.2 15l2.6 1.5M4.2 16.5l2.6-1.5M17.2 9l2.6-1.5M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
} as const;

/** The names of all icons. */
export type IconName = keyof typeof SHAPES;

/** An icon, for the eye only: whatever it means stands as text beside it, or as a label on what holds it. */
export function Icon({
  name,
  size = 20,
  filled = false,
}: {
  readonly name: IconName;
  readonly size?: number;
  readonly filled?: boolean;
}): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={filled ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
