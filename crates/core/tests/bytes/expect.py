"""What Python's json reads before and after a change, against what the change means (PROTOCOL 4).

Reads one case a line: before, after, undone, deed. Numbers are compared as they are typed, members in their order.
"""

import json
import sys


def read(text):
    """The values; a number is what was typed, because 1.10 is not 1.1 here."""
    typed = {"parse_int": lambda n: {"int": n}, "parse_float": lambda n: {"float": n}, "parse_constant": lambda n: {"constant": n}}
    return json.loads(text.removeprefix("\ufeff"), strict=False, **typed)


def mark(registry, deed):
    # Those among them that count as active; the rest was never asked for.
    numbers = [n for n in deed["numbers"] if registry.get(n, {}).get("status") in ("active", "working", "idle")]
    for number in numbers:
        registry[number]["status"] = "inactive"
        registry[number]["marked_inactive_at"] = deed["at"]
    return registry


def reactivate(registry, deed):
    registry[deed["number"]]["status"] = "active"
    registry[deed["number"]].pop("marked_inactive_at", None)
    return registry


def register(registry, deed):
    number, registered_at = deed["number"], deed["at"].split(".")[0].rstrip("Z") + "Z"
    registry[number] = {
        "session_id": deed["session_id"] or f"session-{number}",
        "number": {"int": number},
        "role": deed["role"],
        "goal": deed["goal"],
        "status": "active",
        "registered_at": registered_at,
        "terminal": "s001",
    }
    return registry


def move(registry, deed):
    steps = {deed["from"]: deed["to"]}
    if deed["to"] in registry:
        steps[deed["to"]] = deed["from"]
    steps = {number: to for number, to in steps.items() if number != to}
    for number, to in steps.items():
        entry = registry[number]
        if entry.get("session_id") == f"session-{number}":
            entry["session_id"] = f"session-{to}"
        entry["number"] = {"int": to}
        entry["former_numbers"] = entry.get("former_numbers", []) + [{"int": number}]
    return {steps.get(number, number): entry for number, entry in registry.items()}


MEANING = {"mark": mark, "reactivate": reactivate, "register": register, "move": move}


def check(case):
    deed = case["deed"]
    expected = MEANING[deed["what"]](read(case["before"]), deed)
    found = read(case["after"])
    assert json.dumps(found) == json.dumps(expected), f"after: {found}\nexpected: {expected}"
    # A field that was gone comes back at the end of its entry; the entries stand where they stood.
    undone, before = read(case["undone"]), read(case["before"])
    assert undone == before and list(undone) == list(before), f"undone: {undone}\nbefore: {before}"


count = 0
for line in sys.stdin.buffer:
    case = json.loads(line)
    try:
        check(case)
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}\n{json.dumps(case, indent=1)}")
    count += 1
print(count, "cases agree")
