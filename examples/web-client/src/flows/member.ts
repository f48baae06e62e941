// A member enterprise: what it is, its issues, a new one, and the rating of the reply.

import type { Client } from "../client.js";
import { ApiError, refusal } from "../client.js";
import { graphql } from "../generated/index.js";
import type { Say, Step } from "../main.js";

const Home = graphql(`
  query MemberHome {
    viewer {
      role
      permissions
      allianceRole
      enterprise {
        id
        name
      }
      district {
        issueCategories(first: 50) {
          nodes {
            id
            code
            nameZh
          }
        }
      }
    }
    enterpriseIssues(first: 5) {
      totalCount
      nodes {
        number
        state
      }
    }
  }
`);

const Create = graphql(`
  mutation CreateIssue($input: CreateIssueInput!) {
    createIssue(input: $input) {
      enterpriseIssue {
        id
        version
        number
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

const Submit = graphql(`
  mutation SubmitIssue($input: SubmitIssueInput!) {
    submitIssue(input: $input) {
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

const Rate = graphql(`
  mutation RateIssue($input: RateIssueInput!) {
    rateIssue(input: $input) {
      enterpriseIssue {
        state
        transitions(last: 2) {
          nodes {
            kind
            toState
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

const Accept = graphql(`
  mutation AcceptAsMember($input: AcceptIssueInput!) {
    acceptIssue(input: $input) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const Profile = graphql(`
  query OwnProfile {
    viewer {
      enterprise {
        id
        version
        description
      }
    }
  }
`);

const Describe = graphql(`
  mutation DescribeEnterprise($input: UpdateEnterpriseInput!) {
    updateEnterprise(input: $input) {
      enterprise {
        id
        version
        description
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** Writes a draft and submits it. */
export async function raise(client: Client, say: Say): Promise<Step> {
  const { viewer, enterpriseIssues } = await client.read(Home, {});
  const category = viewer?.district.issueCategories.nodes.find(({ code }) => code === "LABOUR");
  if (!viewer || !enterpriseIssues || !category) throw new Error("the home page is not complete");
  say(`${viewer.role} in the alliance as ${viewer.allianceRole}, ${enterpriseIssues.totalCount} issues in view`);
  say(`may createIssue: ${viewer.permissions.includes("createIssue")}, acceptIssue: ${viewer.permissions.includes("acceptIssue")}`);

  const issue = { title: "招工难", body: "春节后缺二十名缝纫工。", nature: "HELP", categoryId: category.id } as const;
  const empty = await refusal(client.act(Create, { input: { ...issue, title: " " } }));
  say(`an empty title: ${empty.message}`);
  const created = (await client.act(Create, { input: issue })).enterpriseIssue;
  if (!created) throw new Error("nothing was created");
  say(`${created.state} ${created.number}, next: ${created.viewerActions.join(", ")}`);
  const step = { id: created.id, expectedVersion: created.version };
  const submitted = (await client.act(Submit, { input: step })).enterpriseIssue;
  if (!submitted) throw new Error("nothing was submitted");
  say(submitted.state);

  // Not in `permissions`, so no page offers it; who asks all the same is told so.
  const input = { id: submitted.id, expectedVersion: submitted.version, complexity: "SIMPLE", urgency: "NORMAL" } as const;
  const refused = await client.act(Accept, { input }).catch((error: unknown) => error);
  say(`acceptIssue: ${refused instanceof ApiError ? refused.code : "done"}`);
  return { id: submitted.id, version: submitted.version };
}

/** Rates the reply: five stars close the issue. */
export async function rate(client: Client, issue: Step, say: Say): Promise<void> {
  const input = { id: issue.id, expectedVersion: issue.version, stars: 5, isResolved: true };
  const rated = (await client.act(Rate, { input })).enterpriseIssue;
  say(`${rated?.state} by ${rated?.transitions?.nodes.map(({ kind }) => kind).join(", ")}`);
  // A second tab, with the form as it was before.
  const again = await refusal(client.act(Rate, { input }));
  say(`once more: ${again.message}`);
}

/** Two tabs edit the same profile: the slower one sees the row as it is now and goes on from it. */
export async function describe(client: Client, say: Say): Promise<void> {
  const before = (await client.read(Profile, {})).viewer?.enterprise;
  if (!before) throw new Error("no enterprise");
  const edit = { id: before.id, expectedVersion: before.version };
  const first = await client.act(Describe, { input: { ...edit, description: "服装制造" } });
  say(`version ${before.version} to ${first.enterprise?.version}`);
  const second = await refusal(client.act(Describe, { input: { ...edit, description: "服装设计与制造" } }));
  say(`the other tab: ${second.message}`);
  const now = second.payload.enterprise;
  if (!second.has("STALE_VERSION") || !now) throw second;
  const input = { id: now.id, expectedVersion: now.version, description: `${now.description}，兼设计` };
  const third = await client.act(Describe, { input });
  say(`on top of it: ${third.enterprise?.description}`);
}
