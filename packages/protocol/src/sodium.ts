import sodium from "libsodium-wrappers-sumo";

// libsodium's WebAssembly is compiled once, while this module loads; every other module may use it at once.
await sodium.ready;

/** libsodium, ready to use. Only files of this package touch it. */
export { sodium };
