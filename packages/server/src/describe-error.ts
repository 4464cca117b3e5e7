import { isSmimpError } from "@smimp/protocol";

/** Errors that led to an error, told with it. */
const MAX_CAUSES = 4;

/**
 * An error for the log: what kind it is, its code, and where it comes from. What it says in words is left out, for words may hold what
 * somebody sent, or whom they wrote to: a name that was looked up, a text that is no JSON. SQLite's own words hold none.
 */
export function describeError(error: unknown): string {
  const told: string[] = [];
  for (let each = error; each !== undefined && told.length < MAX_CAUSES; each = each instanceof Error ? each.cause : undefined) {
    told.push(describeOne(each));
  }
  return told.join("\ncaused by ");
}

/** What has the form of a name that a program gives, and is no text of somebody. */
function fact(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}

/** What stands behind a part of a text; all of it where it doesn't hold that part. */
function behind(text: string, part: string): string {
  const at = text.indexOf(part);
  return at < 0 ? text : text.slice(at + part.length);
}

function describeOne(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no Error";
  const { code, syscall } = error as NodeJS.ErrnoException;
  const { errstr } = error as { readonly errstr?: unknown };
  const facts = [
    fact(error.name, /^[A-Za-z]{1,40}$/),
    isSmimpError(error) ? error.code : fact(code, /^[A-Z][A-Z0-9_]{1,60}$/),
    fact(syscall, /^[a-z]{1,20}$/),
    code === "ERR_SQLITE_ERROR" ? fact(errstr, /^[\w ]{1,80}$/) : undefined,
  ].filter((each) => each !== undefined);
  // Its words stand before the frames, and might look like some.
  const rest = behind(error.stack ?? "", error.message);
  const frames = rest.split("\n").filter((line) => /^ {4}at /.test(line));
  return [facts.join(" "), ...frames].join("\n");
}
