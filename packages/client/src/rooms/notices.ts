import type { Notice } from "../model.ts";

/** Notices that were not dismissed. */
export interface Notices {
  list(): Promise<readonly Notice[]>;
  dismiss(id: string): Promise<void>;
}
