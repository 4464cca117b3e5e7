import * as v from "valibot";

const amount = v.optional(v.pipe(v.number("must be a number"), v.safeInteger("must be an integer")));
const text = v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty"));

/** A setting that must be there, in the file or the environment. */
function required(variable: string) {
  return v.pipe(v.string(`is missing (or ${variable})`), v.minLength(1, `is empty (or ${variable})`));
}

/**
 * The JSON file of a server and the environment put together. Unknown names are refused, so that a typing error
 * doesn't become a default.
 */
export const configSchema = v.strictObject({
  name: v.optional(text),
  baseUrl: required("SMIMP_BASE_URL"),
  domains: v.pipe(v.array(text, "must be a list of domains (or SMIMP_DOMAINS)"), v.minLength(1, "name at least one domain")),
  dataDir: required("SMIMP_DATA_DIR"),
  host: v.optional(text),
  port: v.optional(v.pipe(v.number("must be a number"), v.integer("must be an integer"))),
  tlsKeyFile: v.optional(text),
  tlsCertificateFile: v.optional(text),
  acme: v.optional(
    v.strictObject({
      termsAgreed: v.literal(true, "must be true: read the authority's terms first"),
      names: v.optional(v.array(text, "must be a list of names")),
      email: v.optional(text),
      directory: v.optional(text),
      challenge: v.optional(v.picklist(["tls-alpn-01", "http-01"], "must be tls-alpn-01 or http-01")),
      httpHost: v.optional(text),
      httpPort: v.optional(v.pipe(v.number("must be a number"), v.integer("must be an integer"))),
      caFile: v.optional(text),
    }),
  ),
  proxy: v.optional(v.strictObject({ from: v.optional(v.array(text, "must be a list of addresses")) })),
  registration: v.optional(v.picklist(["closed", "invite", "open"], "must be closed, invite or open")),
  logLevel: v.optional(
    v.picklist(["fatal", "error", "warn", "info", "debug", "trace", "silent"], "must be a level such as info, warn or silent"),
  ),
  webDir: v.optional(text),
  limits: v.optional(
    v.strictObject({
      messageBytes: amount,
      blobBytes: amount,
      connections: amount,
      connectionsPerAddress: amount,
      headerSeconds: amount,
      idleSeconds: amount,
      stallSeconds: amount,
      eventStreams: amount,
      transfers: amount,
      transfersPerPrefix: amount,
      streamsPerConnection: amount,
      bodyBytes: amount,
      bodyBytesPerPeer: amount,
      remoteFetches: amount,
      drainSeconds: amount,
    }),
  ),
  quotas: v.optional(
    v.strictObject({
      accountBytes: amount,
      uploadBytes: amount,
      uploadPercentPerSender: amount,
      uploadPercentPerDomain: amount,
      keysPerRequester: amount,
      keysForFirstContacts: amount,
      keysPerPrefix: amount,
      ticketsPerHour: amount,
      ownTicketsPerDay: amount,
      keysPerDay: amount,
      exportsPerHour: amount,
      sessionsPerAddress: amount,
      keystoreBytesPerHour: amount,
      firstSightsPerPrefix: amount,
      firstSightsPerDomain: amount,
      challengesPerMinute: amount,
      deviceLinksPerHour: amount,
      folders: amount,
    }),
  ),
  workPolicy: v.optional(
    v.strictObject({
      count: amount,
      strangerBits: amount,
      establishedBits: amount,
      registrationBits: amount,
      firstContactsPerSender: amount,
      firstContactsPerDomain: amount,
      firstContactsPerPrefix: amount,
      messagesPerCorrespondent: amount,
      strangerInflow: amount,
    }),
  ),
  retention: v.optional(v.strictObject({ messageDays: amount, inviteDays: amount })),
});

/** What the file and the environment say, checked for shape only. */
export type ConfigInput = v.InferOutput<typeof configSchema>;
