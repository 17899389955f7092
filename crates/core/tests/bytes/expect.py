"""Checks what Python's json reads before and after a change against the definition of the change (PROTOCOL 4).

Reads one case per line: before, after, undone, change. Numbers are compared as text, members in their order.
"""

import json
import sys


def read(text):
    """Parses a text; numbers stay text, so that 1.10 differs from 1.1."""
    typed = {"parse_int": lambda n: {"int": n}, "parse_float": lambda n: {"float": n}, "parse_constant": lambda n: {"constant": n}}
    return json.loads(text.removeprefix("\ufeff"), strict=False, **typed)


def mark(registry, change):
    # Only active ones: the others were not requested.
    numbers = [n for n in change["numbers"] if registry.get(n, {}).get("status") in ("active", "working", "idle")]
    for number in numbers:
        registry[number]["status"] = "inactive"
        registry[number]["marked_inactive_at"] = change["at"]
    return registry


def reactivate(registry, change):
    registry[change["number"]]["status"] = "active"
    registry[change["number"]].pop("marked_inactive_at", None)
    return registry


def register(registry, change):
    number, registered_at = change["number"], change["at"].split(".")[0].rstrip("Z") + "Z"
    registry[number] = {
        "session_id": change["session_id"] or f"session-{number}",
        "number": {"int": number},
        "role": change["role"],
        "goal": change["goal"],
        "status": "active",
        "registered_at": registered_at,
        "terminal": "s001",
    }
    return registry


def move(registry, change):
    steps = {change["from"]: change["to"]}
    if change["to"] in registry:
        steps[change["to"]] = change["from"]
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
    change = case["change"]
    expected = MEANING[change["what"]](read(case["before"]), change)
    found = read(case["after"])
    assert json.dumps(found) == json.dumps(expected), f"after: {found}\nexpected: {expected}"
    # A removed field is restored at the end of its entry; the entries keep their order.
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
