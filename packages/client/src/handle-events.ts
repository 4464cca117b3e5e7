import type { Client } from "./client.ts";
import type { ClientEvent, SendOptions } from "./model.ts";

/** The event of one type. */
export type EventOf<Type extends ClientEvent["type"]> = Extract<ClientEvent, { readonly type: Type }>;

/** What is done with events of each type; events without a handler pass. */
export type EventHandlers = {
  readonly [Type in ClientEvent["type"]]?: (event: EventOf<Type>) => void | Promise<void>;
};

/**
 * Stays connected and hands each event to its handler, one after the other, until the signal aborts. What a handler throws ends it
 * and is thrown.
 */
export async function handleEvents(client: Pick<Client, "watch">, handlers: EventHandlers, options?: SendOptions): Promise<void> {
  for await (const event of client.watch(options)) await handle(handlers, event);
}

async function handle<Type extends ClientEvent["type"]>(handlers: EventHandlers, event: EventOf<Type>): Promise<void> {
  const handler: ((event: EventOf<Type>) => void | Promise<void>) | undefined = handlers[event.type];
  await handler?.(event);
}
