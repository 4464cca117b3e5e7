import type { TestServerConfig } from "@smimp/testkit";

/** Shares and quotas so high, and work so cheap, that tests meet only what they are about. */
export const generous: Partial<TestServerConfig> = {
  quotas: {
    keysPerRequester: 10_000,
    keysForFirstContacts: 10_000,
    keysPerPrefix: 1_000_000,
    ticketsPerHour: 1_000_000,
    sessionsPerAddress: 1_000_000,
    firstSightsPerPrefix: 1_000_000,
    firstSightsPerDomain: 1_000_000,
    challengesPerMinute: 1_000_000,
  },
  workPolicy: {
    count: 1,
    strangerBits: 0,
    establishedBits: 0,
    firstContactsPerSender: 1_000_000,
    firstContactsPerDomain: 1_000_000,
    firstContactsPerPrefix: 1_000_000,
    messagesPerCorrespondent: 1_000_000,
    strangerInflow: 1_000_000,
  },
};
