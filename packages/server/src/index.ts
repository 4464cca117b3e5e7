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
export {
  checkConfig,
  ConfigError,
  loadConfig,
  type LogLevel,
  type Registration,
  type ServerConfig,
  type Settings,
  type TlsIdentity,
} from "./config.ts";
export { serveWebClient, type LocalWebClient } from "./local-web-client.ts";
export { startServer, systemClock, type LogSink, type RunningServer, type ServerDependencies } from "./server.ts";
export { DataInUseError } from "./store/serving-lock.ts";
export { endOnUnforeseenErrors } from "./unforeseen-errors.ts";
