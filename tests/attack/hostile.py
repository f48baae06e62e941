"""Every hostile document by every way in, with the work and the memory that it costs the server."""

import argparse
import contextlib
import hashlib
import json
import subprocess
import sys

import requests
from websockets.sync.client import connect

from documents import DOCUMENTS, bodies
from server import MIB, Server, binary

MOST_CPU_MS = 50
MOST_MEMORY_MIB = 64
MANIFEST_CLIENT = "honglian-demo"


class Ways:
    """Sends a document and tells the code that comes back."""

    def __init__(self, server, closing):
        self.server, self.closing = server, closing
        self.token = f"Bearer {server.tokens['admin']}"
        self.session = requests.Session()
        self.session.headers.update({"Authorization": self.token, "Accept-Language": "en"})
        self.socket = None

    def post(self, path, body, **headers):
        return self.session.post(self.server.url(path), json=body, headers=headers, timeout=60)

    def http(self, query):
        return code_of(self.post("/graphql", {"query": query}).json())

    def stream(self, query):
        answer = self.post("/graphql/stream", {"query": query}, Accept="text/event-stream")
        if answer.headers["content-type"].startswith("application/json"):
            return code_of(answer.json())
        data = next(line for line in answer.text.splitlines() if line.startswith("data: "))
        assert answer.text.endswith("event: complete\ndata:\n\n"), answer.text[-200:]
        return code_of(json.loads(data.removeprefix("data: ")))

    def websocket(self, query):
        if self.socket is None:
            url = f"ws://{self.server.address}/graphql"
            opened = connect(url, subprotocols=["graphql-transport-ws"], max_size=None)
            self.socket = self.closing.enter_context(opened)
            self.say({"type": "connection_init", "payload": {"authorization": self.token}})
            assert self.hear()["type"] == "connection_ack"
        self.say({"type": "subscribe", "id": "h", "payload": {"query": query}})
        heard = self.hear()
        if heard["type"] == "next":
            assert self.hear() == {"id": "h", "type": "complete"}
            return code_of(heard["payload"])
        assert heard["type"] == "error", heard
        return code_of({"errors": heard["payload"]})

    def say(self, message):
        self.socket.send(json.dumps(message))

    def hear(self):
        return json.loads(self.socket.recv(timeout=60))

    def register(self, query):
        """Whether the operator can register it at all."""
        name = hashlib.sha256(query.encode()).hexdigest()
        manifest = self.server.path / "manifest.json"
        manifest.write_text(json.dumps({name: query}))
        command = [binary(), "documents", "add", MANIFEST_CLIENT, manifest.name]
        done = subprocess.run(command, cwd=self.server.path, env={}, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 7), (done.returncode, done.stderr)
        return name if done.returncode == 0 else None

    def trusted(self, name):
        return code_of(self.post("/graphql", {"documentId": name}).json())


def code_of(body):
    error = body["errors"][0]
    assert not any((body.get("data") or {}).values()), body
    assert error["message"] and error["extensions"]["requestId"], body
    return error["extensions"]["code"]


def measured(server, times, send):
    """The codes that came back, milliseconds of work each, and the growth of memory in MiB."""
    server.forget_peak()
    held, began = server.memory("VmRSS"), server.cpu()
    codes = {send() for _ in range(times)}
    work = (server.cpu() - began) * 1000 / times
    growth = max(0, server.memory("VmHWM") - held) / MIB
    return codes, work, growth


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=20, help="how often each is sent: work is counted in 10 ms")
    asked = arguments.parse_args()
    faults, worst_work, worst_growth = [], 0, 0
    # Each is sent more often than a user may; a budget would answer instead of the limits.
    with Server(address_space=2048) as server, contextlib.ExitStack() as closing:
        ways = Ways(server, closing)
        ways.http("{ nothing }")
        print("| document | answer | HTTP | WebSocket | SSE | registered | memory |\n|---|---|---|---|---|---|---|")
        for name, query, code in DOCUMENTS:
            runs = [measured(server, asked.times, lambda w=way: w(query)) for way in (ways.http, ways.websocket, ways.stream)]
            registered = ways.register(query)
            if registered:
                runs.append(measured(server, asked.times, lambda: ways.trusted(registered)))
            for codes, work, growth in runs:
                if codes != {code}:
                    faults.append(f"{name}: {codes}, not {code}")
                worst_work, worst_growth = max(worst_work, work), max(worst_growth, growth)
                if work > MOST_CPU_MS or growth > MOST_MEMORY_MIB:
                    faults.append(f"{name}: {work:.1f} ms, {growth:.1f} MiB")
            cells = [f"{work:.1f} ms" for _, work, _ in runs]
            cells += [] if registered else ["not taken"]
            print(f"| {name} | `{code}` | {' | '.join(cells)} | {max(run[2] for run in runs):.1f} MiB |", flush=True)
        for name, body, status, code in bodies():
            def send(body=body):
                headers = {"Content-Type": "application/json"}
                try:
                    answer = ways.session.post(server.url(), data=body, headers=headers, timeout=60)
                except requests.ConnectionError:
                    # The answer came before the body was sent, and the connection is cut.
                    return "cut"
                found = answer.json()
                return answer.status_code, code_of(found) if "errors" in found else None

            codes, work, growth = measured(server, asked.times, send)
            worst_work, worst_growth = max(worst_work, work), max(worst_growth, growth)
            if not codes <= {(status, code), "cut"}:
                faults.append(f"{name}: {codes}, not {status} {code}")
            if work > MOST_CPU_MS or growth > MOST_MEMORY_MIB:
                faults.append(f"{name}: {work:.1f} ms, {growth:.1f} MiB")
            print(f"| {name} | {status} `{code or 'data'}` | {work:.1f} ms | | | | {growth:.1f} MiB |", flush=True)
        panics = server.log().count("panicked")
        alive = server.is_alive() and server.answers()
    print(
        f"\n{len(DOCUMENTS)} documents, at most {worst_work:.1f} ms and {worst_growth:.1f} MiB, "
        f"{len(faults)} faults, {panics} panics, {'alive' if alive else 'DEAD'}"
    )
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults or panics or not alive else 0


if __name__ == "__main__":
    sys.exit(main())
