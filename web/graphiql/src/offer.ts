// What the server has to offer to this page: the demo's users, elsewhere none, and examples.

export interface Example {
  /** Whose it is, by the name of the token. */
  user: string;
  title: string;
  query: string;
  variables: Record<string, unknown>;
}

async function get<Answer>(name: string): Promise<Answer> {
  const response = await fetch(new URL(name, document.baseURI));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return (await response.json()) as Answer;
}

export async function load() {
  const [tokens, examples] = await Promise.all([
    get<Record<string, string>>("tokens.json"),
    get<Example[]>("examples.json"),
  ]);
  return { tokens, examples };
}
