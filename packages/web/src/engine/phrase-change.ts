import type { Client } from "@smimp/client";

/** A change of the recovery words, in the two steps that its owner takes. */
export interface PhraseChange {
  /** Checks the words so far and draws new ones, to be shown; nothing is changed yet. Throws as `keys.changePhrase` does. */
  begin(client: Client, oldPhrase: string): Promise<string>;
  /** The new words are on paper: they replace the old ones. Throws TypeError where none was begun, and as `keys.changePhrase` does. */
  finish(): Promise<void>;
  /** Leaves everything as it is. */
  cancel(): Promise<void>;
}

interface Pending {
  readonly changed: Promise<unknown>;
  readonly kept: PromiseWithResolvers<void>;
}

/** Makes the place for one change at a time. */
export function createPhraseChange(): PhraseChange {
  let pending: Pending | null = null;

  async function cancel(): Promise<void> {
    const before = pending;
    pending = null;
    before?.kept.reject(new DOMException("the recovery words stay as they are", "AbortError"));
    await before?.changed.catch(() => undefined);
  }

  return {
    begin: async (client, oldPhrase) => {
      await cancel();
      const shown = Promise.withResolvers<string>();
      const kept = Promise.withResolvers<void>();
      kept.promise.catch(() => undefined);
      const changed = client.keys.changePhrase({
        oldPhrase,
        keepPhrase: async (phrase) => {
          shown.resolve(phrase);
          await kept.promise;
        },
      });
      changed.catch(shown.reject);
      const phrase = await shown.promise;
      pending = { changed, kept };
      return phrase;
    },
    finish: async () => {
      const begun = pending;
      pending = null;
      if (begun === null) throw new TypeError("no change of the recovery words was begun");
      begun.kept.resolve();
      await begun.changed;
    },
    cancel,
  };
}
