// A lead enterprise: its pairing, what its members did together, and a new entry.

import type { Client } from "../client.js";
import { graphql } from "../generated/index.js";
import type { Say } from "../main.js";

const Home = graphql(`
  query LeadHome {
    viewer {
      role
      today
      enterprise {
        id
      }
    }
    pairings(first: 50, filter: { kind: { eq: ONE_PLUS_N } }) {
      totalCount
      nodes {
        id
        version
        name
        status
        isRedacted
        viewerActions
        lead {
          id
        }
        members(first: 5) {
          nodes {
            enterprise {
              name
            }
          }
        }
        interactions(first: 1) {
          totalCount
        }
      }
    }
  }
`);

const Issue = graphql(`
  query IssueInBrief($id: ID!) {
    enterpriseIssue(id: $id) {
      title
      state
      isRedacted
      body
    }
  }
`);

/** Its own pairing in full; the others show their members and no more. */
export async function pairing(client: Client, say: Say): Promise<void> {
  const { viewer, pairings } = await client.read(Home, {});
  const own = pairings?.nodes.find(({ lead }) => lead?.id === viewer?.enterprise?.id);
  if (!own) throw new Error("the lead has no pairing");
  const members = own.members.nodes.map(({ enterprise }) => enterprise?.name).join("、");
  say(`${viewer?.role} with ${own.name} (${own.status}): ${members}`);
  say(`${own.interactions?.totalCount} interactions, may: ${own.viewerActions.join(", ")}`);
  const shut = pairings?.nodes.filter(({ interactions }) => interactions === null).length;
  say(`${pairings?.totalCount} pairings in view, ${shut} without their interactions`);
}

/** What a lead sees of an issue of one of its members. */
export async function brief(client: Client, id: string, say: Say): Promise<void> {
  const { enterpriseIssue: issue } = await client.read(Issue, { id });
  say(`${issue?.title} ${issue?.state}, redacted: ${issue?.isRedacted}, text: ${issue?.body}`);
}
