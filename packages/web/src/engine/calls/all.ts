import type { CallContext } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";
import { accountCalls } from "./account.ts";
import { doorCalls } from "./door.ts";
import { messageCalls } from "./messages.ts";
import { peopleCalls } from "./people.ts";
import { searchCalls } from "./search.ts";
import { transferCalls } from "./transfer.ts";
import { writingCalls } from "./writing.ts";

/** What answers the owner's own questions. */
export interface QuestionDesk {
  answer(id: number, yes: boolean): void;
}

/** Every call that a page may make. */
export function createCalls(house: House, changed: (...topics: Topic[]) => void, desk: QuestionDesk) {
  return {
    ...doorCalls(house, changed),
    ...messageCalls(house, changed),
    ...writingCalls(house, changed),
    ...peopleCalls(house, changed),
    ...accountCalls(house, changed),
    ...searchCalls(house, changed),
    ...transferCalls(house, changed),
    "questions.answer": async (_context: CallContext, id: number, yes: boolean) => desk.answer(id, yes),
  };
}

/** The table's type: names, arguments and results of all calls. */
export type EngineCalls = ReturnType<typeof createCalls>;
