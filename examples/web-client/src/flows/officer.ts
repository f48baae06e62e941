// A chief service officer: what is in hand, and an issue from the first contact to the reply.

import type { Client } from "../client.js";
import { graphql } from "../generated/index.js";
import type { Say, Step } from "../main.js";

const Home = graphql(`
  query OfficerHome {
    viewer {
      isOfficer
      officer {
        department {
          id
          name
        }
        assignments(first: 20) {
          totalCount
        }
      }
    }
    enterpriseIssues(first: 100, filter: { state: { eq: IN_PROGRESS } }) {
      nodes {
        viewerActions
      }
    }
  }
`);

const Start = graphql(`
  mutation StartHandling($input: StartHandlingInput!) {
    startHandling(input: $input) {
      enterpriseIssue {
        id
        version
        state
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const Tell = graphql(`
  mutation AddProgress($input: AddProgressInput!) {
    addProgress(input: $input) {
      enterpriseIssue {
        id
        version
        progress(last: 1) {
          nodes {
            kind
            isInternal
          }
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

const Respond = graphql(`
  mutation RespondToIssue($input: RespondToIssueInput!) {
    respondToIssue(input: $input) {
      enterpriseIssue {
        id
        version
        state
        outcome
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** What is in hand; and the department of the officer, to which the district gives issues. */
export async function department(client: Client, say: Say): Promise<string> {
  const { viewer, enterpriseIssues } = await client.read(Home, {});
  const officer = viewer?.officer;
  const mine = enterpriseIssues?.nodes.filter(({ viewerActions }) => viewerActions.includes("RESPOND"));
  if (!officer || !mine) throw new Error("not an officer");
  say(`${officer.department.name}, serves ${officer.assignments.totalCount} enterprise, ${mine.length} issues in hand`);
  return officer.department.id;
}

/** Handles an issue up to the reply. */
export async function handle(client: Client, issue: Step, say: Say): Promise<Step> {
  const input = { id: issue.id, expectedVersion: issue.version, firstContact: "已电话联系，约定上门。" };
  const started = (await client.act(Start, { input })).enterpriseIssue;
  if (!started) throw new Error("nothing was started");
  say(started.state);
  const step = { id: issue.id, expectedVersion: started.version, body: "已对接招聘会。", isInternal: true };
  const told = (await client.act(Tell, { input: step })).enterpriseIssue;
  if (!told) throw new Error("nothing was told");
  say(`an internal step: ${told.progress?.nodes[0]?.kind}`);
  const reply = { id: issue.id, expectedVersion: told.version, reply: "已安排专场招聘。", outcome: "SOLVED" } as const;
  const responded = (await client.act(Respond, { input: reply })).enterpriseIssue;
  if (!responded) throw new Error("nothing was answered");
  say(`${responded.state}, ${responded.outcome}`);
  return { id: responded.id, version: responded.version };
}
