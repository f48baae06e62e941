"""Generated documents (schemathesis), each sent by every role and by nobody.

What must hold of every answer: no 5xx, well-formed GraphQL JSON, a code of the catalogue and the
request's id in every error, no word of the database in a message; and no panic in the log.
"""

import argparse
import collections
import json
import random
import re
import sys
import time

import graphql as gql
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from server import ROOT, Server

ROLES = ["district", "lead", "member", None]
DATABASE_WORDS = re.compile(r"sqlx|sqlite|postgres|constraint|\bSELECT\b|\bINSERT\b|foreign key|panicked", re.I)


def teach_scalars():
    """Values of the schema's own scalars: mostly good ones."""
    string = schemathesis.graphql.nodes.String
    days = st.dates().map(str) | st.text(max_size=12)
    instants = st.datetimes().map(lambda at: at.isoformat() + "Z") | st.text(max_size=12)
    schemathesis.graphql.scalar("Date", days.map(string))
    schemathesis.graphql.scalar("DateTime", instants.map(string))


class Ids:
    """Ids of rows that are there: without them most documents would end at the first look-up."""

    def __init__(self, server, schema):
        self.known = []
        session = requests.Session()
        for name, field in schema.query_type.fields.items():
            kind = gql.get_named_type(field.type)
            if not kind.name.endswith("Connection"):
                continue
            query = f"{{ {name}(first: 20) {{ nodes {{ id }} }} }}"
            for role in ("district", "member"):
                answer = ask(session, server, role, query).json()
                connection = (answer.get("data") or {}).get(name) or {}
                self.known += [node["id"] for node in connection.get("nodes") or []]
        if not self.known:
            raise SystemExit("no ids are found")


class Enricher(gql.Visitor):
    """Puts in ids of rows that are there, likely versions and page sizes, for most of what is generated."""

    def __init__(self, types, ids, dice):
        super().__init__()
        self.types, self.ids, self.dice = types, ids, dice

    def enter_string_value(self, node, *_):
        return self.id_or(node)

    def enter_int_value(self, node, *_):
        return self.id_or(node)

    def enter_object_value(self, node, *_):
        """The generator knows nothing of `@oneOf`."""
        kind = gql.get_named_type(self.types.get_input_type())
        if not getattr(kind, "is_one_of", False) or self.dice.random() < 0.1:
            return None
        given = [field for field in node.fields if not isinstance(field.value, gql.NullValueNode)]
        if given:
            return gql.ObjectValueNode(fields=(self.dice.choice(given),))
        value = gql.StringValueNode(value=self.dice.choice(self.ids.known))
        field = gql.ObjectFieldNode(name=gql.NameNode(value="id"), value=value)
        return gql.ObjectValueNode(fields=(field,))

    def id_or(self, node):
        kind = self.types.get_input_type()
        if kind and gql.get_named_type(kind).name == "ID" and self.dice.random() < 0.5:
            return gql.StringValueNode(value=self.dice.choice(self.ids.known))
        return None

    def enter_argument(self, node, *_):
        if node.name.value in ("after", "before", "last") and self.dice.random() < 0.7:
            return gql.REMOVE
        if node.name.value in ("first", "last") and self.dice.random() < 0.7:
            value = gql.IntValueNode(value=str(self.dice.randint(1, 20)))
            return gql.ArgumentNode(name=node.name, value=value)
        return None

    def enter_object_field(self, node, *_):
        if node.name.value == "expectedVersion" and self.dice.random() < 0.5:
            value = gql.IntValueNode(value=str(self.dice.randint(1, 3)))
            return gql.ObjectFieldNode(name=node.name, value=value)
        return None


def enriched(text, schema, ids, dice):
    types = gql.TypeInfo(schema)
    visitor = gql.TypeInfoVisitor(types, Enricher(types, ids, dice))
    return gql.print_ast(gql.visit(gql.parse(text), visitor))


def ask(session, server, role, query):
    headers = {"Accept-Language": "en"}
    if role:
        headers["Authorization"] = f"Bearer {server.tokens[role]}"
    return session.post(server.url(), json={"query": query}, headers=headers, timeout=60)


class Judge:
    def __init__(self, codes):
        self.codes = codes
        self.counts = collections.Counter()
        self.by_code = collections.Counter()
        self.faults = []

    def weigh(self, role, query, answer):
        role = role or "anonymous"
        wrong = self.wrong(role, answer)
        if wrong:
            self.faults.append((wrong, role, query, answer.status_code, answer.text[:600]))

    def wrong(self, role, answer):
        self.counts[f"{role} {answer.status_code}"] += 1
        if answer.status_code >= 500:
            return "a 5xx"
        if answer.headers.get("content-type") != "application/json; charset=utf-8":
            return "no JSON"
        try:
            body = answer.json()
        except ValueError:
            return "malformed JSON"
        errors = body.get("errors", [])
        if not isinstance(body, dict) or not isinstance(errors, list) or ("errors" in body and not errors):
            return "no GraphQL answer"
        if "data" not in body and not errors:
            return "neither data nor errors"
        for error in errors:
            extensions = error.get("extensions", {})
            code = extensions.get("code")
            self.by_code[code] += 1
            if any(place["line"] < 1 or place["column"] < 1 for place in error.get("locations", [])):
                return "a place that is none"
            if not isinstance(error.get("message"), str) or not error["message"]:
                return "an error without a message"
            if code not in self.codes:
                return f"an error with the code {code!r}"
            if extensions.get("requestId") != answer.headers.get("x-request-id"):
                return "an error without its request's id"
            if code == "INTERNAL_SERVER_ERROR":
                return "a fault of the server"
            if DATABASE_WORDS.search(error["message"]):
                return "a message that tells of the database"
        if answer.status_code == 200 and any(body.get("data", {}).values() if body.get("data") else []):
            self.counts[f"{role} data"] += 1
        return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--queries", type=int, default=20_000, help="requests in all, a quarter for each role")
    arguments.add_argument("--seed", type=int, default=20210120)
    asked = arguments.parse_args()
    teach_scalars()
    sdl = ROOT / "schema.graphql"
    schema = gql.build_schema(sdl.read_text())
    generator = schemathesis.graphql.from_file(sdl.open())
    dice = random.Random(asked.seed)
    began = time.monotonic()
    with Server() as server:
        sessions = {role: requests.Session() for role in ROLES}
        catalogue = ask(sessions["district"], server, "district", "{ errorCatalogue { code } }").json()
        judge = Judge({entry["code"] for entry in catalogue["data"]["errorCatalogue"]})
        ids = Ids(server, schema)
        asked_so_far = 0

        @seed(asked.seed)
        @settings(
            max_examples=asked.queries // len(ROLES),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=generator.as_strategy())
        def attack(case):
            nonlocal asked_so_far
            query = enriched(case.body, schema, ids, dice)
            for role in ROLES:
                judge.weigh(role, query, ask(sessions[role], server, role, query))
                asked_so_far += 1
            if asked_so_far % 1000 == 0:
                print(f"{asked_so_far} in {time.monotonic() - began:.0f} s, {len(judge.faults)} faults", flush=True)

        attack()
        panics = [line for line in server.log().splitlines() if "panicked" in line]
        alive = server.is_alive()
    for fault in judge.faults[:10]:
        print(json.dumps(fault, ensure_ascii=False, indent=1))
    print("answers:", dict(sorted(judge.counts.items())))
    print("codes:", dict(judge.by_code.most_common()))
    with_data = sum(count for name, count in judge.counts.items() if name.endswith(" data"))
    print(
        f"{asked_so_far} queries, {with_data} with data, {len(judge.faults)} faults, {len(panics)} panics, "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if judge.faults or panics or not alive else 0


if __name__ == "__main__":
    sys.exit(main())
