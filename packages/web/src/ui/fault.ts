import { EngineError } from "../engine/connect.ts";
import type { Messages } from "../messages/messages.tsx";

/** What a person is told of an error. */
export function faultText({ common }: Messages, error: unknown): string {
  const texts: Readonly<Record<string, string>> = common.errors;
  return (error instanceof EngineError ? texts[error.code] : undefined) ?? common.errors.other;
}
