export * from "./discovery.ts";
export * from "./fetch.ts";
export * from "./http.ts";
export * from "./resolver.ts";
export * from "./yield.ts";
