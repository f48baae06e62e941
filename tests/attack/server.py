"""The real binary, started for an attack: bounded in its memory, watched in its work."""

import json
import os
import resource
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
TICK = os.sysconf("SC_CLK_TCK")

SETTINGS = """
[log]
filter = "info,sqlx=warn"
[graphql]
budget = {budget}
budget_per_second = {refill}
{more}
"""


def binary():
    """The binary that is attacked, as `run` names it."""
    return Path(os.environ["HONGLIAN_BINARY"])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A demo of its own, ended with the block that it is opened for."""

    def __init__(self, budget=1_000_000_000, refill=1_000_000, more="", address_space=4096):
        self.folder = tempfile.TemporaryDirectory(prefix="honglian-attack-")
        self.path = Path(self.folder.name)
        settings = SETTINGS.format(budget=budget, refill=refill, more=more)
        (self.path / "attack.toml").write_text(settings)
        self.log_file = self.path / "server.log"
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        limit = address_space * MIB
        self.process = subprocess.Popen(
            [binary(), "demo", "--config", "attack.toml", "--listen", self.address],
            cwd=self.path,
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=self.log_file.open("w"),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )

    def __enter__(self):
        began = time.monotonic()
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - began > 120:
                raise SystemExit(f"the server does not start:\n{self.log()}")
            time.sleep(0.1)
        tokens = (self.path / "honglian-data" / "demo-tokens.json").read_text()
        self.tokens = json.loads(tokens)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as stream:
                stream.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return stream.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def is_alive(self):
        return self.process.poll() is None

    def log(self):
        return self.log_file.read_text(errors="replace")

    def cpu(self):
        """Seconds of work so far, of the process and the kernel for it."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self, field):
        """`VmRSS` or `VmHWM`, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
        raise KeyError(field)

    def forget_peak(self):
        """Makes `VmHWM` start over from what is held now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def url(self, path="/graphql"):
        return f"http://{self.address}{path}"
