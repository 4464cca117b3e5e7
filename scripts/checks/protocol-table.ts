/** A row of the table of endpoints in docs/protocol.md, section 12. */
export interface TableRow {
  /** Methods with paths, parameters as `{}`, in the order in which they stand there. */
  readonly places: readonly string[];
  /** Who may call, one for each of the row's parts or one for all. */
  readonly who: readonly string[];
  /** Names of members and of query parameters of requests. */
  readonly asked: ReadonlySet<string>;
  /** Names of members of answers: a set for each of the row's parts that has one of its own, or one for all. */
  readonly answered: readonly ReadonlySet<string>[];
}

/** What the code has of one endpoint. */
export interface CodeEndpoint {
  /** Method and path, parameters as `{}`. */
  readonly place: string;
  readonly caller: string;
  /** Names of what it takes: members and query parameters. */
  readonly asked: ReadonlySet<string>;
  /** Names of what it gives. */
  readonly answered: ReadonlySet<string>;
}

/** What the table says, row by row. */
export function tableRows(protocol: string): readonly TableRow[] {
  const table = protocol.slice(protocol.indexOf("## 12. Endpoints"));
  return table
    .split("\n")
    .filter((line) => /^\| (?:GET|POST|PUT|DELETE)\b/.test(line))
    .map((line) => {
      const [, endpoints = "", who = "", request = "", answer = ""] = line.split("|");
      return {
        places: placesOf(endpoints),
        who: who.split(/[,;]/).map((each) => each.trim()),
        asked: namesOf(`${request} ${endpoints}`),
        answered: answer.split(";").map(namesOf),
      };
    });
}

/** A cell such as `GET, POST allowlist, blocklist; DELETE .../{hash}`: methods, the paths they go with, then perhaps further ones. */
function placesOf(cell: string): string[] {
  const places: string[] = [];
  let methods: string[] = [];
  let paths: string[] = [];
  for (const word of cell.replace(/[,;]/g, " ").trim().split(/\s+/)) {
    if (/^(?:GET|POST|PUT|DELETE)$/.test(word)) {
      methods = paths.length > 0 ? [word] : [...methods, word];
      paths = [];
      continue;
    }
    // `.../{hash}` goes on from each path before it in the row.
    const named = word.startsWith(".../") ? pathsBefore(places).map((path) => path + word.slice(3)) : pathsOf(word);
    for (const path of named.map((each) => each.replace(/\{[^}]*\}/g, "{}"))) {
      paths.push(path);
      for (const method of methods) places.push(`${method} ${path}`);
    }
  }
  return places;
}

function pathsBefore(places: readonly string[]): string[] {
  return [...new Set(places.map((place) => place.slice(place.indexOf(" ") + 1)))];
}

function pathsOf(word: string): string[] {
  const plain = word.replace(/\?.*$/, "");
  const [, short, rest] = /^(.*)\[(.*)\]$/.exec(plain) ?? [];
  return short === undefined ? [plain] : [short, `${short}${rest}`];
}

function namesOf(cells: string): ReadonlySet<string> {
  return new Set([...cells.matchAll(/(?<!\/)"([a-z_]+)"(?!\/)/g), ...cells.matchAll(/[?&]([a-z_]+)=/g)].map(([, name = ""]) => name));
}

const CALLERS: Readonly<Record<string, string>> = {
  "-": "anyone",
  code: "anyone",
  record: "anyone",
  stmt: "anyone",
  S: "session",
  "S and code": "session",
  L: "owner",
  R: "owner_or_recovery",
};

/** Endpoints, callers and names that only the document or only the code has; one line each. */
export function tableDifferences(rows: readonly TableRow[], endpoints: readonly CodeEndpoint[]): readonly string[] {
  const found: string[] = [];
  const byPlace = new Map(endpoints.map((each) => [each.place, each]));
  for (const row of rows) {
    const { places, who } = row;
    const there = places.flatMap((place) => byPlace.get(place) ?? []);
    for (const place of places) if (!byPlace.has(place)) found.push(`${place}: stands in the document only`);
    const where = places.join(", ");
    found.push(...nameDifferences(`${where}, asked`, row.asked, union(there.map(({ asked }) => asked))));
    const parts = partsOf(row);
    for (const [index, answered] of (parts === null ? [union(row.answered)] : row.answered).entries()) {
      const part = parts === null ? there : there.filter(({ place }) => parts[index]?.includes(place));
      found.push(...nameDifferences(`${where}, answered`, answered, union(part.map((each) => each.answered))));
    }
    const callers = who.map((each) => CALLERS[each] ?? `"${each}"`);
    for (const { place, caller } of there) {
      if (!callers.includes(caller))
        found.push(`${place}: who may call it is ${callers.join(" or ")} in the document, ${caller} in the code`);
    }
    for (const caller of callers) {
      if (there.length > 0 && !there.some((each) => each.caller === caller)) {
        found.push(`${places.join(", ")}: nobody of those that the document names as ${caller} may call it`);
      }
    }
  }
  const documented = new Set(rows.flatMap(({ places }) => places));
  for (const { place } of endpoints) if (!documented.has(place)) found.push(`${place}: stands in the code only`);
  return found;
}

/** Which of a row's places each of its answers is of: one for one, or one for each method; null where nobody can tell. */
function partsOf({ places, answered }: TableRow): readonly (readonly string[])[] | null {
  if (answered.length === places.length) return places.map((place) => [place]);
  const methods = [...new Set(places.map((place) => place.slice(0, place.indexOf(" "))))];
  return answered.length === methods.length ? methods.map((method) => places.filter((place) => place.startsWith(`${method} `))) : null;
}

function nameDifferences(where: string, inText: ReadonlySet<string>, inCode: ReadonlySet<string>): readonly string[] {
  return [
    ...[...inText].filter((name) => !inCode.has(name)).map((name) => `${where}: "${name}" stands in the document only`),
    ...[...inCode].filter((name) => !inText.has(name)).map((name) => `${where}: "${name}" stands in the code only`),
  ];
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((each) => [...each]));
}

/** The codes of section 10, and the status that section 12 gives each of them. */
export function documentedCodes(protocol: string): { readonly codes: ReadonlySet<string>; readonly statuses: ReadonlyMap<string, number> } {
  const errors = protocol.slice(protocol.indexOf("## 10. Errors"), protocol.indexOf("## 11."));
  const codes = new Set([...errors.matchAll(/`([a-z_]+)`/g)].flatMap(([, code = ""]) => (code === "detail" ? [] : [code])));
  const [, list = ""] = /^Status: ((?:.|\n)*?)\.$/m.exec(protocol) ?? [];
  const statuses = new Map<string, number>();
  for (const part of list.split(/[;.]/)) {
    const [, status = "", names = ""] = /^\s*(\d{3}) ((?:.|\n)*)$/.exec(part) ?? [];
    for (const [code] of names.replace(/,? and not_found for .*/s, ", not_found").matchAll(/[a-z_]{3,}/g))
      statuses.set(code, Number(status));
  }
  return { codes, statuses };
}

/** Codes and statuses in which the document and the code differ; one line each. */
export function codeDifferences(
  documented: ReturnType<typeof documentedCodes>,
  codes: readonly string[],
  statusOfServerCode: (code: string) => number | null,
): readonly string[] {
  const found: string[] = [];
  for (const code of documented.codes) if (!codes.includes(code)) found.push(`${code}: stands in section 10 only`);
  for (const code of codes) if (!documented.codes.has(code)) found.push(`${code}: stands in the code only`);
  for (const code of codes) {
    const [there = null, here] = [documented.statuses.get(code), statusOfServerCode(code)];
    if (there !== here) found.push(`${code}: status ${there ?? "none"} in section 12, ${here ?? "none"} in the code`);
  }
  return found;
}
