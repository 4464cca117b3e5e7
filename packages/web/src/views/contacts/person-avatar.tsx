import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { usePicture } from "../../app/pictures.ts";
import { Avatar } from "../../ui/avatar.tsx";

/**
 * A person's picture, or the first letter of their name. Their server is asked for the picture only with `fetch`, which is for places where
 * the owner looks for people; beside messages what is here already has to do, since whoever sent one would see that it is read.
 */
export function PersonAvatar({
  address,
  name,
  size,
  fetch = false,
}: {
  readonly address: Address;
  readonly name: string;
  readonly size?: number;
  readonly fetch?: boolean;
}): ReactNode {
  const src = usePicture(address, { fetch });
  return <Avatar name={name} seed={address} src={src} {...(size === undefined ? {} : { size })} />;
}

/** The picture of one person; of several the first letter. No server is asked. */
export function PeopleAvatar({
  people,
  names,
  size,
}: {
  readonly people: readonly Address[];
  readonly names: string;
  readonly size?: number;
}): ReactNode {
  const [first, second] = people;
  const sized = size === undefined ? {} : { size };
  if (first === undefined || second !== undefined) return <Avatar name={names} seed={first ?? ""} {...sized} />;
  return <PersonAvatar address={first} name={names} {...sized} />;
}
