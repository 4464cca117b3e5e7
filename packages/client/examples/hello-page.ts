// For a web page: an account that lives as long as the page does, and a short message from it.
import { createAccount, createMemoryStorage, parseInvite, type CopyState } from "@smimp/client";
import { browserDeps } from "@smimp/client/browser";
import { parseAddress } from "@smimp/protocol";

export async function sayHello(link: string, me: string, to: string, text: string): Promise<CopyState | undefined> {
  const [invite, address, storage] = [parseInvite(link), parseAddress(me), createMemoryStorage()];
  const { client } = await createAccount({ storage, invite, address, deps: browserDeps() });
  const { copies } = await client.sendShort(parseAddress(to), text);
  await client.close();
  return copies[0]?.state;
}
