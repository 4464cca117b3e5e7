import type { Messages } from "../messages.tsx";
import { door } from "./door.ts";
import { first } from "./first.ts";
import { later } from "./later.ts";

/** German, room by room. */
export const de: Messages = { ...first, door, ...later };
