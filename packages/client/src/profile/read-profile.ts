import { isSmimpError, parseProfile, type Profile } from "@smimp/protocol";

/** A profile's text, whose hash was checked; what can't be read says nothing. */
export function readProfile(text: string | null): Profile {
  if (text === null) return {};
  try {
    return parseProfile(text);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return {};
  }
}
