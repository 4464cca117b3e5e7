// What a client uses of a platform beyond ECMAScript and what the types of Node know already. Node and browsers have the first two.
declare namespace WebAssembly {
  class Module {
    private readonly compiled;
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module);
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

/** A browser's Worker. */
declare class Worker {
  constructor(url: URL, options: { readonly type: "module" });
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
}
