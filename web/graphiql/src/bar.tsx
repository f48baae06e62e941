// The line under the editors: who asks, and what could be asked.

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import type { Example } from "./offer";

interface Props {
  users: string[];
  user: string;
  choose: (user: string) => void;
  token: string;
  setToken: (token: string) => void;
  examples: Example[];
}

export function Bar({ users, user, choose, token, setToken, examples }: Props) {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const { setOperationName } = useGraphiQLActions();
  const own = examples.filter((example) => users.length === 0 || example.user === user);
  const show = (title: string) => {
    const example = own.find((candidate) => candidate.title === title);
    if (!example) return;
    queryEditor?.setValue(example.query);
    // GraphiQL reads the name some time after the last change: who runs at once would run the old.
    setOperationName(/\b(?:query|mutation)\s+(\w+)/.exec(example.query)?.[1] ?? "");
    variableEditor?.setValue(JSON.stringify(example.variables, null, 2));
  };
  return (
    <div className="bar">
      {users.length > 0 && (
        <label>
          用户 User{" "}
          <select aria-label="user" value={user} onChange={(event) => choose(event.target.value)}>
            {users.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        示例 Example{" "}
        <select aria-label="example" disabled={!queryEditor || !variableEditor} value="" onChange={(event) => show(event.target.value)}>
          <option value="">—</option>
          {own.map(({ title }) => (
            <option key={title}>{title}</option>
          ))}
        </select>
      </label>
      <input
        aria-label="token"
        type="password"
        autoComplete="off"
        placeholder="Bearer token"
        value={token}
        onChange={(event) => setToken(event.target.value.trim())}
      />
    </div>
  );
}
