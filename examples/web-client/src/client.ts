// One way to the server. A query that cannot be answered throws an ApiError; what a caller can
// put right comes back as `userErrors` of the payload and is thrown as a Rejection by `act`.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { TypedDocumentString, UserErrorCode } from "./generated/graphql.js";

export interface Options {
  url: string;
  token: string;
  /** The language of messages, `zh-CN` or `en`. */
  language?: string;
  /** How often a request is sent that got no answer, or was told to come again. */
  attempts?: number;
}

interface TopLevelError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; requestId: string };
}

export interface UserError {
  code: UserErrorCode;
  message: string;
  field: string[] | null;
}

/** The request failed: nothing that the form can show at a field. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** What to quote to the operator of the server. */
    readonly requestId: string,
  ) {
    super(`${code}: ${message} (${requestId})`);
  }
}

/** The action was refused and nothing is written; `payload` shows the row as it stands. */
export class Rejection<Payload = unknown> extends Error {
  constructor(
    readonly errors: readonly UserError[],
    readonly payload: Payload,
  ) {
    super(errors.map((error) => `${error.code} ${error.field?.join(".") ?? ""}`.trim()).join(", "));
  }

  has(code: UserErrorCode): boolean {
    return this.errors.some((error) => error.code === code);
  }
}

/** What an action was refused with, where it is expected to be. */
export async function refusal<Payload>(action: Promise<Payload>): Promise<Rejection<Payload>> {
  try {
    await action;
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
  throw new Error("the action was not refused");
}

type Answer<Data> = { data?: Data | null; errors?: TopLevelError[] };

export class Client {
  constructor(private readonly options: Options) {}

  /** Runs a query. */
  async read<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
    return this.send(document, variables, {});
  }

  /**
   * Runs a mutation of one root field and gives its payload. The key makes a repetition of the
   * request, after a lost answer, the same action.
   */
  async act<Data extends Record<string, Payload | null>, Variables, Payload extends { userErrors: UserError[] }>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    key: string = randomUUID(),
  ): Promise<NonNullable<Data[keyof Data]>> {
    const data = await this.send(document, variables, { "Idempotency-Key": key });
    const payload = Object.values(data)[0] as NonNullable<Data[keyof Data]>;
    if (payload.userErrors.length > 0) {
      throw new Rejection(payload.userErrors, payload);
    }
    return payload;
  }

  private async send<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    extra: Record<string, string>,
  ): Promise<Data> {
    const body = JSON.stringify({ query: document.toString(), variables });
    const attempts = this.options.attempts ?? 4;
    for (let attempt = 1; ; attempt++) {
      const response = await this.post(body, extra).catch((cause: unknown) => {
        if (attempt >= attempts) throw cause;
        return null;
      });
      if (response && !(mayComeAgain(response.status) && attempt < attempts)) {
        return read<Data>(response);
      }
      await sleep(response ? waitOf(response) : 200 * 2 ** attempt);
    }
  }

  private post(body: string, extra: Record<string, string>): Promise<Response> {
    const { url, token, language = "zh-CN" } = this.options;
    return fetch(url, {
      method: "POST",
      headers: {
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "Accept-Language": language,
        "Content-Type": "application/json",
        Authorization: `Bearer ${token}`,
        ...extra,
      },
      body,
      signal: AbortSignal.timeout(15_000),
    });
  }
}

/** 409: a twin of the request is on its way; 429: over the budget; 503: overloaded. */
function mayComeAgain(status: number): boolean {
  return status === 409 || status === 429 || status === 503;
}

function waitOf(response: Response): number {
  const seconds = Number(response.headers.get("Retry-After") ?? 1);
  return 1000 * (Number.isFinite(seconds) ? Math.min(seconds, 30) : 1);
}

async function read<Data>(response: Response): Promise<Data> {
  const answer = (await response.json()) as Answer<Data>;
  const error = answer.errors?.[0];
  if (error) {
    throw new ApiError(error.extensions.code, error.message, error.extensions.requestId);
  }
  return answer.data as Data;
}
