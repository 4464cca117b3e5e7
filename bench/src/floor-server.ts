import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { parseJson, parsePublicKey, verifyStatement, type Statement } from "@smimp/protocol";
import Fastify from "fastify";

// The floor that the server is measured against: a bare HTTPS route that does only what no honest server can leave out. JSON
// parse, one Ed25519 check (the same libsodium), one durable row with group commit. A child process, as the server is.

/** What the parent tells the floor. */
export interface FloorStart {
  readonly key: string;
  readonly certificate: string;
  readonly file: string;
  readonly publicKey: string;
}

process.on("message", (message: FloorStart) => void start(message));
process.on("disconnect", () => process.exit(0));

async function start(message: FloorStart): Promise<void> {
  const publicKey = parsePublicKey(message.publicKey);
  const insert = groupCommit(message.file);
  const app = Fastify({ https: { key: message.key, cert: message.certificate, minVersion: "TLSv1.3" } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    done(null, parseJson(body as string));
  });
  app.post("/send", async (request) => {
    const statement = request.body as Statement;
    verifyStatement("envelope", publicKey, statement);
    await insert(statement.data);
    return { message_id: "" };
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  process.send?.({ port });
}

/** Rows that wait while a transaction runs go into the next one together. */
function groupCommit(file: string): (data: string) => Promise<void> {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE message (id INTEGER PRIMARY KEY, data TEXT NOT NULL)");
  const statement = database.prepare("INSERT INTO message (data) VALUES (?)");
  let waiting: { readonly data: string; done(): void }[] = [];
  const flush = (): void => {
    const rows = waiting;
    waiting = [];
    database.exec("BEGIN IMMEDIATE");
    for (const row of rows) statement.run(row.data);
    database.exec("COMMIT");
    for (const row of rows) row.done();
  };
  return async (data) =>
    await new Promise<void>((done) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ data, done });
    });
}
