// A district operator: the figures, the register page by page, and the desk where issues come in.

import type { Client } from "../client.js";
import { graphql } from "../generated/index.js";
import type { Say, Step } from "../main.js";
import { pages } from "../pages.js";

const Home = graphql(`
  query DistrictHome {
    viewer {
      role
      isAdmin
      permissions
      district {
        name
      }
    }
    headlineStatistics {
      allianceTotal {
        display
      }
      activePairings {
        display
      }
    }
  }
`);

const Enterprises = graphql(`
  query Enterprises($first: Int!, $after: String, $search: String) {
    enterprises(first: $first, after: $after, search: $search, orderBy: [{ field: NAME, direction: ASC }]) {
      totalCount
      nodes {
        id
        name
        allianceRole
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const Accept = graphql(`
  mutation AcceptIssue($input: AcceptIssueInput!) {
    acceptIssue(input: $input) {
      enterpriseIssue {
        id
        version
        state
        viewerActions
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const Assign = graphql(`
  mutation AssignIssue($input: AssignIssueInput!) {
    assignIssue(input: $input) {
      enterpriseIssue {
        id
        version
        state
        leadDepartment {
          name
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export async function overview(client: Client, say: Say): Promise<void> {
  const { viewer, headlineStatistics: figures } = await client.read(Home, {});
  say(`${viewer?.role} of ${viewer?.district.name}, may assignIssue: ${viewer?.permissions.includes("assignIssue")}`);
  say(`${figures?.allianceTotal.display} enterprises in the alliance, ${figures?.activePairings.display} pairings`);
  let [rows, count, total] = [0, 0, 0];
  const list = pages(async (after) => (await client.read(Enterprises, { first: 100, after })).enterprises);
  for await (const page of list) {
    rows += page.nodes.length;
    total = page.totalCount;
    count += 1;
  }
  say(`read ${rows} of ${total} enterprises in ${count} pages`);
  const found = await client.read(Enterprises, { first: 5, search: "立白" });
  say(`立白: ${found.enterprises?.nodes.map(({ name, allianceRole }) => `${name} ${allianceRole}`).join(", ")}`);
}

/** Accepts what came in and gives it to a department. */
export async function assign(client: Client, issue: Step, department: string, say: Say): Promise<Step> {
  const accept = { id: issue.id, expectedVersion: issue.version, complexity: "SIMPLE", urgency: "NORMAL" } as const;
  const accepted = (await client.act(Accept, { input: accept })).enterpriseIssue;
  if (!accepted) throw new Error("nothing was accepted");
  say(`${accepted.state}, next: ${accepted.viewerActions.join(", ")}`);
  const input = { id: issue.id, expectedVersion: accepted.version, leadDepartmentId: department };
  const assigned = (await client.act(Assign, { input })).enterpriseIssue;
  if (!assigned) throw new Error("nothing was assigned");
  say(`${assigned.state} to ${assigned.leadDepartment?.name}`);
  return { id: assigned.id, version: assigned.version };
}
