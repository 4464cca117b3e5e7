/** What people write who attach something, in the languages of the interface. */
const ATTACHED =
  /\b(?:attach(?:ed|ment|ments|ing)?|enclosed|enclosure)\b|(?:^|[^\p{L}])(?:anhang|anhänge|anhängen|angehängt(?:e[nrsm]?)?|anbei|beigefügt(?:e[nrsm]?)?|beiliegend(?:e[nrsm]?)?)(?![\p{L}])/iu;

/** Whether a text speaks of an attachment; what is quoted in it was said by others. */
export function speaksOfAttachment(markdown: string, subject: string): boolean {
  const own = markdown.split("\n").filter((line) => !line.startsWith(">"));
  return ATTACHED.test([subject.replace(/^(?:\w{2,4}:\s*)+/, ""), ...own].join("\n"));
}
