// node scripts/check-docs.ts: every exported declaration of the packages has a doc comment, and links in the documents lead somewhere.
import { deadLinks } from "./checks/doc-links.ts";
import { undocumentedExports } from "./checks/doc-comments.ts";
import { isTest, reportViolations, sourceFiles } from "./checks/source-files.ts";

const sources = sourceFiles("packages/*/{src,node}/**/*.{ts,tsx}").filter(({ path }) => !isTest(path) && !path.endsWith(".d.ts"));
const documents = sourceFiles("*.md", "docs/**/*.md", "packages/**/*.md", "vectors/*.md", "bench/*.md", "demo/*.md");
reportViolations("docs", sources.length + documents.length, [...sources.flatMap(undocumentedExports), ...documents.flatMap(deadLinks)]);
