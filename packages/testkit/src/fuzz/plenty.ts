import { DEFAULT_QUOTAS, DEFAULT_WORK_POLICY, type ServerConfig } from "@smimp/server";

/** A number that nothing here comes near. */
const PLENTY = 1_000_000_000;
const ALL_PERCENT = 100;

/** Every quota out of reach and no work to do, so that a refusal is always about the request. */
export const NO_QUOTAS: Pick<ServerConfig, "quotas" | "workPolicy"> = {
  quotas: Object.fromEntries(Object.keys(DEFAULT_QUOTAS).map((name) => [name, /Percent/.test(name) ? ALL_PERCENT : PLENTY])),
  workPolicy: {
    ...Object.fromEntries(Object.keys(DEFAULT_WORK_POLICY).map((name) => [name, PLENTY])),
    count: 1,
    strangerBits: 0,
    establishedBits: 0,
    registrationBits: 0,
  },
};
