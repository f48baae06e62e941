"""Documents that are made to hurt, each with the code that it is to be refused with.

`tests/api/hostile.rs` has the same by what can be said without a clock; here they are counted.
"""

LARGE = "DOCUMENT_TOO_LARGE"
PARSE = "GRAPHQL_PARSE_FAILED"
INVALID = "GRAPHQL_VALIDATION_FAILED"
COSTLY = "COST_LIMIT_EXCEEDED"
DEEP = "DEPTH_LIMIT_EXCEEDED"
INPUT = "BAD_USER_INPUT"
UNRESOLVED = "OPERATION_RESOLUTION_FAILURE"


def nested(open_, close, levels):
    return open_ * levels + close * levels


def bomb(levels, times):
    """Fragments that each spread the next so many times."""
    parts = ["{ ...f0 }"]
    for level in range(levels):
        parts.append(f"fragment f{level} on Query {{ {f'...f{level + 1} ' * times} }}")
    parts.append(f"fragment f{levels} on Query {{ __typename }}")
    return " ".join(parts)


def lists(levels, page="first"):
    opened = f"subsidiaries({page}: 100) {{ nodes {{ " * levels
    return f"{{ enterprises({page}: 100) {{ nodes {{ {opened} id {'} }' * levels} }} }} }}"


def numbered(count, part):
    return " ".join(part(n) for n in range(count))


# Name, document, code. F1 to F9 are the findings that the limits were built against.
DOCUMENTS = [
    ("F1 lists nested 1,554 deep", f"{{ a(x: {nested('[', ']', 1554)}) }}", LARGE),
    ("F1 lists nested 2,000 deep", f"{{ a(x: {nested('[', ']', 2000)}) }}", LARGE),
    ("F1 objects nested 1,230 deep", f"{{ a(x: {nested('{a:', '}', 1230)}) }}", LARGE),
    ("F1 lists nested 100,000 deep", f"{{ a(x: {nested('[', ']', 100_000)}) }}", LARGE),
    ("F1 lists that are never closed", "{ a(x: " + "[" * 2000, LARGE),
    ("F1 a default nested 2,000 deep", f"query($x: A = {nested('[', ']', 2000)}) {{ a }}", LARGE),
    ("F1 a type nested 2,000 deep", f"query($x: {'[' * 2000}A{']' * 2000}) {{ a }}", LARGE),
    ("F1 a directive's argument nested 2,000 deep", f"{{ a @b(c: {nested('[', ']', 2000)}) }}", LARGE),
    ("F1 behind an unterminated string", '{ a(x: "\n' + "[" * 2000, LARGE),
    ("F1 behind an unterminated block string", '{ a(x: """' + "[" * 2000, PARSE),
    ("F1 behind a quote in a block string", '{ a(x: """\\"""""" b: ' + "[" * 2000, LARGE),
    ("F1 behind a comment that ends with CR", "{ a #\r(x: " + "[" * 2000, LARGE),
    ("F1 behind a byte order mark", "\ufeff{ a(x: " + "[" * 2000, LARGE),
    ("an unterminated string of 200 KB", '{ a(x: "' + "x" * 200_000, PARSE),
    ("a comment of 200 KB", "# " + "x" * 200_000, PARSE),
    ("blanks of 200 KB", " " * 200_000, PARSE),
    ("commas of 200 KB", "{" + "," * 200_000 + "}", PARSE),
    ("a name of 200 KB", "{ " + "a" * 200_000 + " }", INVALID),
    ("a number of 200 KB", "{ enterprises(first: " + "1" * 200_000 + ") { totalCount } }", PARSE),
    ("30,000 escapes", '{ a(x: "' + "\\u0041" * 30_000 + '") }', INVALID),
    ("1,900 unknown fields", "{ " + numbered(1900, lambda n: f"a{n}") + " }", INVALID),
    ("selections nested 1,000 deep", nested("{ a ", "}", 1000), LARGE),
    ("selections nested 60 deep", nested("{ a ", "}", 60), DEEP),
    ("inline fragments nested 100 deep", "{ " + "... { " * 100 + "__typename" + " }" * 100 + " }", LARGE),
    ("inline fragments nested 60 deep", "{ " + "... { " * 60 + "nothing" + " }" * 60 + " }", INVALID),
    ("F7 10,000 fields", "{ " + "__typename " * 10_000 + "}", LARGE),
    ("F7 10,000 aliases", "{ " + numbered(10_000, lambda n: f"a{n}: __typename") + " }", LARGE),
    ("F7 51 aliases of __typename", "{ " + numbered(51, lambda n: f"a{n}: __typename") + " }", LARGE),
    ("F7 5,000 operations", numbered(5000, lambda n: f"query q{n} {{ __typename }}"), LARGE),
    ("F7 two operations", "query a { __typename } query b { __typename }", UNRESOLVED),
    ("F7 an unknown directive on __typename", "{ __typename @nothing }", INVALID),
    ("F7 an argument of __typename", "{ __typename(a: 1) }", INVALID),
    ("51 aliases by fragments", "{ " + "...f " * 17 + "} fragment f on Query { a: __typename b: __typename c: __typename }", LARGE),
    ("F8 30 levels of doubling fragments", bomb(30, 2), LARGE),
    ("F8 18 levels of 20 spreads", bomb(18, 20), LARGE),
    ("F8 15 levels of doubling fragments", bomb(15, 2), LARGE),
    ("F8 a chain of 200 fragments", bomb(200, 1), INVALID),
    ("F8 a fragment in itself", "{ ...f } fragment f on Query { ...f }", INVALID),
    ("F8 fragments in each other", "{ ...f } fragment f on Query { ...g ...g } fragment g on Query { ...f ...f }", INVALID),
    ("F8 a circle of 12", lists(5), DEEP),
    ("lists in lists", lists(3), COSTLY),
    ("lists in lists, backwards", lists(3, "last"), COSTLY),
    ("200 directives", "{ __typename " + "@skip(if: false) " * 200 + "}", LARGE),
    ("51 unknown directives", "{ __typename " + "@a " * 51 + "}", LARGE),
    ("a text fifty times a row", "{ enterprises(first: 100) { nodes { " + numbered(50, lambda n: f"a{n}: description") + " } } }", COSTLY),
    ("F9 a page of 2^31", "{ enterprises(first: 2147483648) { totalCount } }", INPUT),
    ("F9 a page of 1509163364456 within a mutation", 'mutation { endPairing(input: {id: "", expectedVersion: 1, reason: ""}) { query { enterprises(first: 1509163364456) { totalCount } } } }', INPUT),
    ("a page of 10^30", "{ enterprises(last: 1" + "0" * 30 + ") { totalCount } }", INPUT),
    ("a negative page", "{ enterprises(first: -5) { totalCount } }", INPUT),
    ("first and last", "{ enterprises(first: 1, last: 1) { totalCount } }", INPUT),
    ("fields of fields of fields", "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", DEEP),
    ("the schema thirty times", "{ " + numbered(30, lambda n: f"a{n}: __schema {{ types {{ name }} }}") + " }", COSTLY),
    ("101 ids of 2 KB", "{ nodes(ids: [" + numbered(101, lambda n: f'"{n}{"x" * 2000}"') + "]) { id } }", INPUT),
    ("nothing", "", PARSE),
    ("a NUL", "{ a\0 }", PARSE),
    ("noise", "}{)(][\"'" * 40, PARSE),
    ("no operation", "fragment f on Query { __typename }", PARSE),
]


def bodies():
    """Whole bodies, by HTTP alone: name, body, status, code."""
    query = b'{"query": "query($n: Int) { enterprises(first: $n) { totalCount } }", "variables": {"n": %s}}'
    yield "F3 a body of 32 MiB", b'{"query": "' + b"x" * (32 << 20) + b'"}', 413, LARGE
    yield "variables nested 100,000 deep", query % (b"[" * 100_000 + b"]" * 100_000), 400, "BAD_REQUEST"
    yield "variables nested 100 deep", query % (b"[" * 100 + b"]" * 100), 200, INPUT
    yield "variables of 250 KB", query % (b"[" + b"1," * 125_000 + b"1]"), 200, INPUT
    yield "20,000 variables", b'{"query": "{ __typename }", "variables": {' + b",".join(b'"%d":1' % n for n in range(20_000)) + b"}}", 200, None
    yield "a batch of 500", b"[" + b",".join([b'{"query": "{ __typename }"}'] * 500) + b"]", 400, "BATCHING_DISABLED"
    yield "a number beyond all", b'{"query": "{ __typename }", "variables": {"a": 1e999999}}', 400, "BAD_REQUEST"
    yield "a lone surrogate", b'{"query": "\\ud800"}', 400, "BAD_REQUEST"
    yield "no UTF-8", b'{"query": "\xff\xfe"}', 400, "BAD_REQUEST"
