"""What a good client notices while others attack the same server.

Windows of rest and windows of attack take turns, so that what else the machine does falls on both.
In each the good client asks ten times a second and notes how long it waited. The attackers are
processes of a lower priority and of a bounded rate, as those on other machines would be.
"""

import argparse
import json
import multiprocessing
import os
import socket
import statistics
import sys
import threading
import time

import requests

from documents import DOCUMENTS
from server import Server

QUERY = "{ enterpriseIssues(first: 20) { totalCount nodes { number title state enterprise { name } } } }"


def source(last):
    """Attackers have addresses of their own."""
    return (f"127.0.1.{last}", 0)


def until(stop, rate):
    """Turns of a bounded rate until it is over."""
    began, turn = time.monotonic(), 0
    while not stop.is_set():
        yield turn
        turn += 1
        pause = began + turn / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)


def opened(address, last):
    stream = socket.create_connection(address, 5, source(last))
    stream.settimeout(5)
    return stream


def hold(address, stop, last, many, first, more):
    """So many connections that begin a request and go on with it a byte at a time."""
    streams = []
    for turn in until(stop, 100):
        if len(streams) < many:
            try:
                stream = opened(address, last)
                stream.sendall(first)
                streams.append(stream)
            except OSError:
                pass
        elif more and streams:
            stream = streams.pop(0)
            try:
                stream.sendall(more)
                streams.append(stream)
            except OSError:
                stream.close()


def slow_headers(address, stop, _):
    hold(address, stop, 1, 400, b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x")


def slow_bodies(address, stop, _):
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n"
    hold(address, stop, 2, 200, head + b'{"query": "', b"x" * 100)


def idle_sockets(address, stop, _):
    upgrade = (
        b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    hold(address, stop, 3, 400, upgrade, b"")


def connection_flood(address, stop, _):
    """More than one address may have: the rest is turned away."""
    streams = []
    for _turn in until(stop, 200):
        try:
            streams.append(opened(address, 4))
        except OSError:
            pass
        if len(streams) > 1200:
            streams.pop(0).close()


def posts(address, stop, last, rate, bodies, token):
    session = requests.Session()
    session.mount("http://", Bound(last))
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    url = f"http://{address[0]}:{address[1]}/graphql"
    for turn in until(stop, rate):
        try:
            session.post(url, data=bodies[turn % len(bodies)], headers=headers, timeout=5)
        except requests.RequestException:
            pass


class Bound(requests.adapters.HTTPAdapter):
    def __init__(self, last):
        self.last = last
        super().__init__()

    def init_poolmanager(self, *args, **keywords):
        super().init_poolmanager(*args, source_address=source(self.last), **keywords)


def hostile_documents(address, stop, tokens):
    bodies = [json.dumps({"query": query}).encode() for _, query, _ in DOCUMENTS]
    posts(address, stop, 5, 50, bodies, tokens["lead"])


def storm_of_429(address, stop, tokens):
    dear = "{ enterprises(first: 100) { nodes { issues(first: 40) { nodes { id } } } } }"
    posts(address, stop, 6, 100, [json.dumps({"query": dear}).encode()], tokens["district"])


ATTACKS = [slow_headers, slow_bodies, idle_sockets, connection_flood, hostile_documents, storm_of_429]


def attack(run, address, stop, tokens):
    os.nice(15)
    run(address, stop, tokens)


def waits(session, server, seconds):
    """Milliseconds of each answer, all of which must be good."""
    took = []
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    headers = {"Authorization": f"Bearer {server.tokens['member']}"}
    for _ in until(stop, 10):
        began = time.perf_counter()
        answer = session.post(server.url(), json={"query": QUERY}, headers=headers, timeout=30)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200 and "errors" not in answer.json(), answer.text[:300]
    return took


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=4)
    arguments.add_argument("--seconds", type=int, default=12, help="of each window")
    asked = arguments.parse_args()
    # Budgets as they are by default: they are what stops the storms.
    with Server(budget=20_000, refill=1_000) as server:
        address = ("127.0.0.1", server.port)
        session = requests.Session()
        waits(session, server, 3)
        rest, under, by_attack = [], [], {}
        kinds = [[run] for run in ATTACKS] + [ATTACKS]
        for kind in kinds:
            name = kind[0].__name__ if len(kind) == 1 else "all at once"
            idle, busy = [], []
            for _ in range(asked.rounds):
                idle += waits(session, server, asked.seconds)
                stop = multiprocessing.Event()
                attackers = [
                    multiprocessing.Process(target=attack, args=(run, address, stop, server.tokens), daemon=True)
                    for run in kind
                ]
                for attacker in attackers:
                    attacker.start()
                time.sleep(3)
                busy += waits(session, server, asked.seconds)
                stop.set()
                for attacker in attackers:
                    attacker.join(20)
                time.sleep(1)
            by_attack[name] = (percentile(idle, 0.5), percentile(idle, 0.99), percentile(busy, 0.5), percentile(busy, 0.99))
            print(name, "idle p50 %.1f p99 %.1f, attacked p50 %.1f p99 %.1f ms" % by_attack[name], len(idle), len(busy), flush=True)
        peak = server.memory("VmHWM") / (1 << 20)
        panics = server.log().count("panicked")
    print("| attack | idle p50 | idle p99 | attacked p50 | attacked p99 | ratio of p99 |\n|---|---|---|---|---|---|")
    worst = 0
    for name, (a, b, c, d) in by_attack.items():
        worst = max(worst, d / b)
        print(f"| {name} | {a:.1f} ms | {b:.1f} ms | {c:.1f} ms | {d:.1f} ms | {d / b:.2f} |")
    print(f"worst ratio {worst:.2f}, peak memory {peak:.0f} MiB, {panics} panics")
    return 0 if worst <= 2 and not panics else 1


if __name__ == "__main__":
    sys.exit(main())
