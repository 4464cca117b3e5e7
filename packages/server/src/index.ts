export { openAdmin, type AccountOverview, type Admin, type NewInvite, type PinOverview, type Restored } from "./admin.ts";
export {
  DEFAULT_LIMITS,
  DEFAULT_QUOTAS,
  DEFAULT_RETENTION,
  DEFAULT_WORK_POLICY,
  type Limits,
  type Quotas,
  type Retention,
  type WorkPolicy,
} from "./bounds.ts";
export { checkConfig, ConfigError, loadConfig, type LogLevel, type Registration, type ServerConfig, type Settings } from "./config.ts";
export { reportCertificates, type CertificateReport } from "./certificates/report.ts";
export { PairError } from "./certificates/pair.ts";
export type { AcmeSettings, ChallengeKind, ProxySettings, TlsFiles, TlsIdentity, TlsSource } from "./certificates/tls-source.ts";
export { serveWebClient, type LocalWebClient } from "./local-web-client.ts";
export { startServer, systemClock, type LogSink, type RunningServer, type ServerDependencies } from "./server.ts";
export { DataInUseError } from "./store/serving-lock.ts";
export { endOnUnforeseenErrors } from "./unforeseen-errors.ts";
