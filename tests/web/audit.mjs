// The audits of GraphQL over HTTP, as the npm package `graphql-http` defines them:
// node audit.mjs URL [TOKEN]. Prints one line for each that fails, and the sum.
import { auditServer } from "graphql-http";

const [url, token] = process.argv.slice(2);
const fetchFn = (address, options = {}) =>
  fetch(address, {
    ...options,
    headers: { ...options.headers, ...(token && { authorization: `Bearer ${token}` }) },
  });
const results = await auditServer({ url, fetchFn });
const failed = results.filter((result) => result.status !== "ok");
for (const { id, name, reason } of failed) console.log(`${id} ${name}: ${reason}`);
console.log(`${results.length - failed.length}/${results.length}`);
process.exitCode = failed.length === 0 ? 0 : 1;
