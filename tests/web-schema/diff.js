// node diff.js [LANDED] [SCHEMA] [CHANGELOG]
// What of the schema that clients hold would break under the present one. Each such change must be
// named in the first section of the changelog by its place, in backquotes: `Enterprise.street`.

import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [landed = "landed.graphql", present = "../../schema.graphql", changelog = "../../CHANGELOG.md"] = process.argv.slice(2);
const read = (file) => buildSchema(readFileSync(file, "utf8"));
const [, newest = ""] = readFileSync(changelog, "utf8").split(/^## .*$/m);

const changes = await diff(read(landed), read(present));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
const unnamed = breaking.filter(({ path }) => !newest.includes(`\`${path}\``));
for (const { path, message } of unnamed) {
  console.log(`${path}: ${message}`);
}
console.log(`${changes.length} changes, ${breaking.length} breaking, ${unnamed.length} not named in the changelog`);
process.exitCode = unnamed.length > 0 ? 1 : 0;
