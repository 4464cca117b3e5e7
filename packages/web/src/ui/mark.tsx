import type { ReactNode } from "react";

/** The product's mark: a sealed letter. */
export function Mark({ size = 32 }: { readonly size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" fill="#0f6b5c" />
      <path d="M14 24l18 13 18-13v20a4 4 0 0 1-4 4H18a4 4 0 0 1-4-4z" fill="#fff" />
      <path d="M14 22a4 4 0 0 1 4-4h28a4 4 0 0 1 4 4L32 34.5z" fill="#bfe5da" />
    </svg>
  );
}
