import { door } from "./door.ts";
import { first } from "./first.ts";
import { later } from "./later.ts";

/** English, room by room. */
export const en = { ...first, door, ...later };
