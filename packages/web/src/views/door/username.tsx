import type { ReactNode } from "react";

/** Tells password managers whose passphrase is typed beside it; nobody else sees or reads it. */
export function Username({ address }: { readonly address: string }): ReactNode {
  return (
    <input className="visually-hidden" type="text" autoComplete="username" value={address} readOnly tabIndex={-1} aria-hidden="true" />
  );
}
