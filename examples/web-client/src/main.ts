// The main flow of each role against a running server:
// node dist/main.js --url http://127.0.0.1:8080/graphql --tokens honglian-data/demo-tokens.json

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Client } from "./client.js";
import * as district from "./flows/district.js";
import * as lead from "./flows/lead.js";
import * as member from "./flows/member.js";
import * as officer from "./flows/officer.js";

/** An issue as it stands between two steps. */
export interface Step {
  id: string;
  version: number;
}

export type Say = (line: string) => void;

const ROLES = ["district", "officer", "lead", "member"] as const;
type Role = (typeof ROLES)[number];

function isRole(name: string): name is Role {
  return ROLES.some((role) => role === name);
}

async function clients(url: string, file: string): Promise<Record<Role, Client>> {
  const tokens = JSON.parse(await readFile(file, "utf8")) as Record<string, string>;
  const made = Object.entries(tokens).filter(([name]) => isRole(name));
  return Object.fromEntries(made.map(([name, token]) => [name, new Client({ url, token })])) as Record<Role, Client>;
}

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8080/graphql" },
    tokens: { type: "string", default: "demo-tokens.json" },
  },
});
const as = await clients(values.url, values.tokens);
const say = (who: Role) => (line: string) => console.log(`${who}: ${line}`);

await district.overview(as.district, say("district"));
await lead.pairing(as.lead, say("lead"));
const department = await officer.department(as.officer, say("officer"));
const submitted = await member.raise(as.member, say("member"));
await lead.brief(as.lead, submitted.id, say("lead"));
const assigned = await district.assign(as.district, submitted, department, say("district"));
const responded = await officer.handle(as.officer, assigned, say("officer"));
await member.rate(as.member, responded, say("member"));
await member.describe(as.member, say("member"));
