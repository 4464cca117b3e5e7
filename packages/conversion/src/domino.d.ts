/** What is used of the parser; its own declarations name another package. */
declare module "@mixmark-io/domino" {
  /** Takes HTML apart, as browsers do; nothing of it is fetched or run. */
  export function createDocument(html: string): Document;
}
