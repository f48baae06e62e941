"""Checks the locked dependencies without the internet: licences, sources and banned crates."""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "BSL-1.0", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL", "Unicode-3.0",
    "Unlicense", "Zlib",
}
# rsa: RUSTSEC-2023-0071, without a fix. The others would bring a second TLS library.
BANNED = {"rsa", "openssl-sys", "native-tls"}


def allowed(expression):
    """Whether some choice of an SPDX expression is allowed as a whole."""
    text = expression.replace("/", " OR ")
    tokens = re.findall(r"\(|\)|[^\s()]+", text)
    place = 0

    def either():
        nonlocal place
        value = both()
        while place < len(tokens) and tokens[place] == "OR":
            place += 1
            value = both() or value
        return value

    def both():
        nonlocal place
        value = one()
        while place < len(tokens) and tokens[place] == "AND":
            place += 1
            value = one() and value
        return value

    def one():
        nonlocal place
        token = tokens[place]
        place += 1
        if token == "(":
            value = either()
            place += 1
            return value
        if place < len(tokens) and tokens[place] == "WITH":
            token = f"{token} WITH {tokens[place + 1]}"
            place += 2
        return token in ALLOWED

    return either()


def check(manifest):
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--manifest-path", manifest]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    faults = []
    for package in metadata["packages"]:
        if package["id"] not in used:
            continue
        name = f"{package['name']} {package['version']}"
        if package["name"] in BANNED:
            faults.append(f"{name} is banned")
        if package["source"] is None:
            continue
        if not package["source"].startswith(("registry+", "sparse+")):
            faults.append(f"{name} comes from {package['source']}")
        if not allowed(package["license"] or "none"):
            faults.append(f"{name} has the licence {package['license']}")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{manifest}: {len(used)} packages, {len(faults)} faults")
    return len(faults)


def main():
    return 1 if sum(map(check, ["Cargo.toml", "bench/Cargo.toml"])) else 0


if __name__ == "__main__":
    sys.exit(main())
