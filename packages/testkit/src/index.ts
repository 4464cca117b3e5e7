export * from "./authority.ts";
export * from "./clock.ts";
export * from "./counting-fetch.ts";
export * from "./network.ts";
export * from "./server-config.ts";
export { startServerProcess, type ServerProcess } from "./server-process.ts";
export * from "./hostile/answers.ts";
export * from "./hostile/names.ts";
export * from "./hostile/peer.ts";
