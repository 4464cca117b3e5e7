import { accountCases } from "./conformance/accounts.ts";
import { belongingsCases } from "./conformance/belongings.ts";
import { departureCases } from "./conformance/departures.ts";
import type { Case } from "./conformance/fixtures.ts";
import { folderCases } from "./conformance/folders.ts";
import { mailboxCases } from "./conformance/mailbox.ts";
import { operatorCases } from "./conformance/operator.ts";
import { sendingCases } from "./conformance/sending.ts";
import { transactionCases } from "./conformance/transactions.ts";
import type { Store } from "./store.ts";

/**
 * Every demand on a store, for any database: run each with a store that is empty and the case's own. `open` makes one and
 * says how it is thrown away.
 */
export function conformance(
  open: () => Promise<{ readonly store: Store; readonly discard: () => Promise<void> }>,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  const cases: readonly Case[] = [
    ...transactionCases,
    ...accountCases,
    ...departureCases,
    ...operatorCases,
    ...sendingCases,
    ...mailboxCases,
    ...folderCases,
    ...belongingsCases,
  ];
  return cases.map(({ name, run }) => ({
    name,
    run: async () => {
      const { store, discard } = await open();
      try {
        await run(store);
      } finally {
        await store.close();
        await discard();
      }
    },
  }));
}
