import type { IconName } from "../../ui/icon.tsx";

/** The pages of settings, as they stand in the address. */
export type SectionId =
  | "profile"
  | "appearance"
  | "notifications"
  | "writing"
  | "devices"
  | "security"
  | "people"
  | "storage"
  | "burn"
  | "transfer"
  | "account"
  | "about";

/** A few pages that belong together. */
export interface SectionGroup {
  readonly name: "you" | "safety" | "data";
  readonly sections: readonly { readonly id: SectionId; readonly icon: IconName }[];
}

/** All pages, in the order in which they are offered. */
export const GROUPS: readonly SectionGroup[] = [
  {
    name: "you",
    sections: [
      { id: "profile", icon: "person" },
      { id: "appearance", icon: "eye" },
      { id: "notifications", icon: "bell" },
      { id: "writing", icon: "draft" },
    ],
  },
  {
    name: "safety",
    sections: [
      { id: "devices", icon: "device" },
      { id: "security", icon: "lock" },
      { id: "people", icon: "people" },
    ],
  },
  {
    name: "data",
    sections: [
      { id: "storage", icon: "disk" },
      { id: "transfer", icon: "download" },
      { id: "burn", icon: "fire" },
      { id: "account", icon: "read" },
      { id: "about", icon: "shield-check" },
    ],
  },
];

/** The page that part of an address names; null where it names none. */
export function sectionOf(part: string | undefined): SectionId | null {
  return GROUPS.flatMap(({ sections }) => sections).find(({ id }) => id === part)?.id ?? null;
}
