import type { Pin } from "@smimp/protocol";
import { documentsOn } from "../disk.ts";
import type { Device } from "../device.ts";
import { assure } from "../../violation.ts";

interface Pinned {
  readonly address: string;
  readonly pin: Pin;
}

/** Watches that what a device has pinned only grows (protocol section 3). */
export interface PinWatch {
  look(device: Device): void;
}

/** Starts watching. */
export function watchPins(): PinWatch {
  const seen = new Map<string, Pin>();
  return {
    look: (device) => {
      const now = new Map([...documentsOn<Pinned>(device.disk, "people").values()].map(({ address, pin }) => [address, pin]));
      for (const [place, before] of seen) {
        const [name, address = ""] = place.split(" ");
        if (name !== device.name) continue;
        const pin = now.get(address);
        assure(pin !== undefined, `${device.name} has forgotten its pin of ${address}`);
        assure(pin.first_link === before.first_link, `${device.name} has another first record of ${address} than before`);
        assure(pin.sequence > before.sequence || pin.link === before.link, `${device.name} has lowered its pin of ${address}`);
      }
      for (const [address, pin] of now) seen.set(`${device.name} ${address}`, pin);
    },
  };
}
