import type { ReactNode } from "react";
import { missingTexts } from "../messages/missing.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { languageOf, preferences } from "./preferences.ts";

/** What stands there where there are no texts to say anything with. */
export function Missing(): ReactNode {
  const { title, text, reload } = missingTexts(languageOf(preferences()));
  return (
    <main>
      <h1 className="visually-hidden">{title}</h1>
      <div role="alert">
        <Empty icon="error" title={title} text={text}>
          <Button kind="primary" onPress={() => location.reload()}>
            {reload}
          </Button>
        </Empty>
      </div>
    </main>
  );
}
