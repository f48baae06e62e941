// The subscriptions as their users' libraries see them: `graphql-ws` and `graphql-sse`.
// node drive.mjs URL GIVEN PATTERN runs the scenarios whose names fit. GIVEN is JSON: tokens of a
// `member` and an `operator`, one that ends within seconds (`short`), and the id of a `category`.
// Prints a line for each scenario that holds, and stops at the first that does not.
import assert from "node:assert/strict";
import { createClient as createSseClient, NetworkError } from "graphql-sse";
import { CloseCode, createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, given, pattern] = process.argv.slice(2);
const { member, operator, short, category } = JSON.parse(given);
const socketUrl = url.replace(/^http/, "ws");
const bearer = (token) => ({ authorization: `Bearer ${token}` });

const changed = `subscription Changed($last: ID) { enterpriseIssueChanged(lastEventId: $last)
  { id type enterpriseIssue { title } } }`;

async function request(query, variables, token = member) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(token) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

async function createIssue(title) {
  const input = { title, body: "正文", nature: "HELP", categoryId: category };
  const { createIssue } = await request(
    `mutation ($input: CreateIssueInput!) { createIssue(input: $input)
      { enterpriseIssue { id version } userErrors { code } } }`,
    { input },
  );
  assert.deepEqual(createIssue.userErrors, []);
  return createIssue.enterpriseIssue;
}

// A client of graphql-ws that does not come back, and the code that its socket is closed with.
function socket(token, options = {}) {
  let closed;
  const code = new Promise((resolve) => (closed = resolve));
  const client = createClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
    retryAttempts: 0,
    ...options,
    on: { closed: (event) => closed(event.code) },
  });
  return { client, code };
}

// Nothing tells a client that its subscription is heard: so it is tried until it is.
async function firstEvents(iterator, count) {
  const heard = [];
  let pending = iterator.next();
  for (let n = 0; heard.length < count; n += 1) {
    assert.ok(n < 50, "nothing is heard");
    await createIssue(`诉求 ${n}`);
    const waited = new Promise((resolve) => setTimeout(resolve, 300, null));
    let result = await Promise.race([pending, waited]);
    while (result !== null && heard.length < count) {
      assert.equal(result.done, false);
      heard.push(result.value);
      pending = iterator.next();
      result = await Promise.race([pending, new Promise((r) => setTimeout(r, 300, null))]);
    }
  }
  return heard;
}

const ids = (results) => results.map(({ data }) => data.enterpriseIssueChanged.id);

const scenarios = {
  async "ws: a query and a mutation are answered once"() {
    const { client } = socket(operator);
    const results = [];
    for await (const result of client.iterate({ query: "{ enterprises { totalCount } }" })) {
      results.push(result);
    }
    assert.equal(results.length, 1);
    assert.deepEqual(results[0].data, { enterprises: { totalCount: 209 } });
    await client.dispose();
  },

  async "ws: events come, and lastEventId goes on after them"() {
    const { client } = socket(member);
    const iterator = client.iterate({ query: changed });
    const heard = await firstEvents(iterator, 2);
    for (const { data } of heard) {
      assert.equal(data.enterpriseIssueChanged.type, "issue.created");
    }
    await iterator.return();
    await client.dispose();
    await createIssue("其间");
    const again = socket(member);
    const [first, second] = ids(heard);
    const resumed = again.client.iterate({ query: changed, variables: { last: first } });
    const { value } = await resumed.next();
    assert.equal(value.data.enterpriseIssueChanged.id, second);
    let title;
    while (title !== "其间") {
      const { value } = await resumed.next();
      title = value.data.enterpriseIssueChanged.enterpriseIssue.title;
    }
    await resumed.return();
    await again.client.dispose();
  },

  async "ws: what is refused reaches the client as its errors"() {
    for (const [query, code] of [
      ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
      ["subscription { officerInbox { id } }", "FORBIDDEN"],
    ]) {
      const { client } = socket(member);
      await assert.rejects(client.iterate({ query }).next(), (errors) => {
        assert.ok(Array.isArray(errors), `${query}: ${JSON.stringify(errors)}`);
        assert.equal(errors[0].extensions.code, code);
        return true;
      });
      await client.dispose();
    }
  },

  async "ws: a bad token is 4403"() {
    const { client, code } = socket("x.y.z");
    await assert.rejects(client.iterate({ query: "{ __typename }" }).next());
    assert.equal(await code, CloseCode.Forbidden);
  },

  async "ws: a token that expires is 4403"() {
    const { client, code } = socket(short);
    await assert.rejects(client.iterate({ query: changed }).next());
    assert.equal(await code, CloseCode.Forbidden);
  },

  async "ws: the other codes of the protocol"() {
    const init = { type: "connection_init", payload: bearer(member) };
    const subscribe = { type: "subscribe", id: "1", payload: { query: changed } };
    const cases = [
      [CloseCode.BadRequest, ["nonsense"]],
      [CloseCode.Unauthorized, [subscribe]],
      [CloseCode.TooManyInitialisationRequests, [init, init]],
      [CloseCode.SubscriberAlreadyExists, [init, subscribe, subscribe]],
      [CloseCode.ConnectionInitialisationTimeout, []],
      [CloseCode.SubprotocolNotAcceptable, [], []],
    ];
    for (const [code, messages, protocols = ["graphql-transport-ws"]] of cases) {
      const raw = new WebSocket(socketUrl, protocols);
      const closed = new Promise((resolve) => raw.on("close", resolve));
      await new Promise((resolve, reject) => raw.on("open", resolve).on("error", reject));
      for (const message of messages) {
        raw.send(typeof message === "string" ? message : JSON.stringify(message));
      }
      assert.equal(await closed, code, CloseCode[code]);
    }
  },

  async "sse: events come in distinct connections"() {
    const client = createSseClient({ url: `${url}/stream`, headers: bearer(member) });
    const iterator = client.iterate({ query: changed });
    const heard = await firstEvents(iterator, 2);
    for (const { data } of heard) {
      assert.equal(data.enterpriseIssueChanged.type, "issue.created");
    }
    const [first, second] = ids(heard);
    await iterator.return();
    const resumed = client.iterate({ query: changed, variables: { last: first } });
    const { value } = await resumed.next();
    assert.equal(value.data.enterpriseIssueChanged.id, second);
    await resumed.return();
    client.dispose();
  },

  async "sse: a query is one event, a refusal is told, and both complete"() {
    const client = createSseClient({ url: `${url}/stream`, headers: bearer(operator) });
    for (const [query, check] of [
      ["{ enterprises { totalCount } }", ({ data }) => data.enterprises.totalCount === 209],
      ["{ nothing }", ({ errors }) => errors[0].extensions.code === "GRAPHQL_VALIDATION_FAILED"],
    ]) {
      const results = [];
      for await (const result of client.iterate({ query })) results.push(result);
      assert.equal(results.length, 1);
      assert.ok(check(results[0]), JSON.stringify(results));
    }
    client.dispose();
  },

  async "sse: a token that expires is told as FORBIDDEN, then it completes"() {
    const client = createSseClient({ url: `${url}/stream`, headers: bearer(short) });
    const results = [];
    for await (const result of client.iterate({ query: changed })) results.push(result);
    assert.equal(results.at(-1).errors[0].extensions.code, "FORBIDDEN");
    client.dispose();
  },

  async "sse: no stream without a token"() {
    const client = createSseClient({ url: `${url}/stream`, retryAttempts: 0 });
    await assert.rejects(client.iterate({ query: changed }).next(), (error) => {
      assert.ok(error instanceof NetworkError);
      assert.equal(error.response.status, 401);
      return true;
    });
    client.dispose();
  },
};

for (const [name, scenario] of Object.entries(scenarios)) {
  if (!new RegExp(pattern).test(name)) continue;
  await scenario();
  console.log(`ok ${name}`);
}
