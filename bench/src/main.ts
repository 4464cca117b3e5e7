import { parseArgs } from "node:util";
import { startAcceptBench } from "./accept.ts";
import { figure, tableHead, tableLine, type Figure } from "./figures.ts";
import { startFloor } from "./floor.ts";
import { benchMailing } from "./mailing.ts";
import { benchSealOpen } from "./seal-open.ts";
import { benchSearch } from "./search.ts";
import { benchStartUp } from "./start-up.ts";
import { benchWork } from "./work.ts";

// `npm run bench`: what this build reaches, beside floors measured in the same run, so that a noisy machine can be told
// from a slow program.

const USAGE = `Usage: npm run bench [-- options]

  --seconds N      seconds for each measurement (default 2)
  --messages N     messages in the mailbox that is searched (default 100000)
  --recipients N   recipients of the message that goes to many (default 1000)
  --json           one JSON object per line and figure, and nothing else
  --help           this text
`;

const SENDERS = [1, 10, 50] as const;
/** What part of the floor's rate is prepared for: the server does more than the floor. */
const EXPECTED_SHARE = 0.5;
/** Messages that warm the server up before anything is measured. */
const WARM_UP_MESSAGES = 300;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "2" },
      messages: { type: "string", default: "100000" },
      recipients: { type: "string", default: "1000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 60)) throw new Error("--seconds must be above 0 and at most 60");
  const messages = Number(values.messages);
  if (!(Number.isSafeInteger(messages) && messages >= 1_000)) throw new Error("--messages must be a whole number of at least 1000");
  const recipients = Number(values.recipients);
  if (!(recipients >= 20 && recipients <= 1_000 && recipients % 20 === 0)) throw new Error("--recipients must be 20, 40, ... 1000");
  const show = (figures: readonly Figure[]): void => {
    for (const each of figures) process.stdout.write(`${values.json ? JSON.stringify(each) : tableLine(each)}\n`);
  };
  if (!values.json) process.stdout.write(`${tableHead()}\n`);
  show(await benchSealOpen(seconds));
  show(benchWork(seconds));
  show(await benchStartUp());
  show(await benchSearch(messages));
  show(await benchMailing(recipients));
  await benchAccept(seconds, show);
}

/** The floor is measured right before each figure that it is the floor of, and never at the same time. */
async function benchAccept(seconds: number, show: (figures: readonly Figure[]) => void): Promise<void> {
  const floor = await startFloor();
  try {
    const bench = await startAcceptBench(Math.max(...SENDERS));
    try {
      await bench.measure(SENDERS[1], WARM_UP_MESSAGES);
      for (const senders of SENDERS) {
        // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
        const reference = await floor.measure(senders, seconds);
        // oxlint-disable-next-line no-await-in-loop
        const rate = await bench.measure(senders, Math.ceil(reference * EXPECTED_SHARE * seconds));
        show([figure(`accept, ${senders} ${senders === 1 ? "sender" : "senders"}`, rate, "1/s", reference)]);
      }
    } finally {
      await bench.close();
    }
  } finally {
    await floor.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
