/** A web address as a profile takes it, of what somebody typed; undefined where it is none. */
export function webAddress(text: string): string | undefined {
  const typed = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(whole)) return undefined;
  const { protocol, hostname, href } = new URL(whole);
  return protocol === "https:" && hostname.includes(".") ? href : undefined;
}
