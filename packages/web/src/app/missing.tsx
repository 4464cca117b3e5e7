import type { ReactNode } from "react";
import { missingTexts } from "../messages/missing.ts";
import { Broken } from "../ui/broken.tsx";
import { languageOf, preferences } from "./preferences.ts";

/** What stands there where there are no texts to say anything with. */
export function Missing(): ReactNode {
  return <Broken texts={missingTexts(languageOf(preferences()))} whole />;
}
