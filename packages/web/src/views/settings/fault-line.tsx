import type { ReactNode } from "react";
import { Banner } from "../../ui/banner.tsx";

/** What went wrong, read out at once; nothing where nothing did. */
export function FaultLine({ error }: { readonly error: string | null }): ReactNode {
  return error === null ? null : <Banner tone="danger" icon="error" title={error} />;
}
