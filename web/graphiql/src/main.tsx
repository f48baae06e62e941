// GraphiQL with the demo's users and their examples. A token lives in this page alone: it is in no
// address and in no storage.

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./bar.css";

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

import { Bar } from "./bar";
import { type Example, load } from "./offer";

interface Props {
  tokens: Record<string, string>;
  examples: Example[];
}

function App({ tokens, examples }: Props) {
  const [user, setUser] = useState(Object.keys(tokens)[0] ?? "");
  const [token, setToken] = useState(tokens[user] ?? "");
  const fetcher = useMemo(
    () =>
      createGraphiQLFetcher({
        url: new URL("../graphql", document.baseURI).href,
        ...(token && { headers: { Authorization: `Bearer ${token}` } }),
      }),
    [token],
  );
  const choose = (name: string) => {
    setUser(name);
    setToken(tokens[name] ?? "");
  };
  const first = examples.find((example) => example.user === user);
  return (
    <GraphiQL
      fetcher={fetcher}
      isHeadersEditorEnabled={false}
      {...(first && { initialQuery: first.query, initialVariables: JSON.stringify(first.variables, null, 2) })}
    >
      <GraphiQL.Logo>红联</GraphiQL.Logo>
      <GraphiQL.Footer>
        <Bar users={Object.keys(tokens)} user={user} choose={choose} token={token} setToken={setToken} examples={examples} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

const root = createRoot(document.getElementById("app") as HTMLElement);
void load().then((offer) => root.render(<App {...offer} />));
