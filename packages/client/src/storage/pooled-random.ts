import type { RandomBytes } from "@smimp/protocol";

/** Bytes that are drawn at once. */
const POOL_BYTES = 24 * 256;

/**
 * Draws random bytes in larger portions and hands each out once: one question to the system in place of hundreds. For nonces, which
 * everybody may see; what has to stay secret is drawn by itself.
 */
export function pooledRandom(random: RandomBytes): RandomBytes {
  let pool = new Uint8Array();
  return (length) => {
    if (length > POOL_BYTES) return random(length);
    if (length > pool.length) pool = Uint8Array.from(random(POOL_BYTES));
    const drawn = pool.slice(0, length);
    pool = pool.subarray(length);
    return drawn;
  };
}
