export { openAdmin, type AccountOverview, type Admin, type NewInvite } from "./admin.ts";
export {
  checkConfig,
  ConfigError,
  DEFAULT_LIMITS,
  DEFAULT_QUOTAS,
  DEFAULT_WORK_POLICY,
  loadConfig,
  type Limits,
  type LogLevel,
  type Quotas,
  type Registration,
  type ServerConfig,
  type Settings,
  type TlsIdentity,
  type WorkPolicy,
} from "./config.ts";
export { startServer, systemClock, type LogSink, type RunningServer, type ServerDependencies } from "./server.ts";
