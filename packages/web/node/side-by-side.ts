import { posix } from "node:path";
import type { Plugin } from "vite";

/**
 * Lets a worker fetch side by side what it would find out about one after the other: wherever its first script imports a module, it asks
 * at once for all that this module can't begin without. Browsers do that for pages whose head names such files; workers have no head.
 */
export function sideBySide(name: string): Plugin {
  return {
    name: "side-by-side",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
      const entry = chunks.find((each) => each.isEntry && each.name === name);
      if (entry === undefined) return;
      const add = (file: string, needed: Set<string>): void => {
        for (const other of chunks.find(({ fileName }) => fileName === file)?.imports ?? []) {
          if (needed.has(other)) continue;
          needed.add(other);
          add(other, needed);
        }
      };
      entry.code = entry.code.replaceAll(/import\([`"']\.\/([^`"']+\.js)[`"']\)/g, (earnest, module: string) => {
        const needed = new Set<string>();
        add(posix.join(posix.dirname(entry.fileName), module), needed);
        // What can't be had, the import in earnest fails with.
        const siblings = [...needed].map((file) => `import(${JSON.stringify(`./${posix.basename(file)}`)}).catch(()=>{}),`);
        return `(${siblings.join("")}${earnest})`;
      });
    },
  };
}
