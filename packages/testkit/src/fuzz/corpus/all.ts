import type { NamedCase } from "../report.ts";
import { bodyCases } from "./body-cases.ts";
import { framingCases } from "./framing-cases.ts";
import { headerCases } from "./header-cases.ts";
import { http2Cases } from "./http2-cases.ts";
import { importCases } from "./import-cases.ts";
import { pathCases } from "./path-cases.ts";
import { remoteCases } from "./remote-cases.ts";
import { schemaCases, type Arena } from "./schema-cases.ts";
import { signedCases } from "./signed-cases.ts";

/** Every case with a name that a server is tried with. */
export function serverCases(): readonly NamedCase<Arena>[] {
  return [...requestCases(), ...importCases()];
}

/** All of them but accounts that arrive line by line. */
export function requestCases(): readonly NamedCase<Arena>[] {
  return [
    ...schemaCases(),
    ...signedCases(),
    ...pathCases(),
    ...headerCases(),
    ...bodyCases(),
    ...framingCases(),
    ...http2Cases(),
    ...remoteCases(),
  ];
}
