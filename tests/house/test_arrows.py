"""The tree is the architecture: every #include points down the house, and plugins see one header of ours."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# From the ground up. A room may include itself and the floors below; rooms of one floor do not see each other.
FLOORS = [
    {"base"},
    {"config", "http"},
    {"routing", "store", "plugin"},
    {"access"},
    {"alert"},
    {"handoff"},
    {"api"},
    {"settings"},
    {"command", "daemon", "main"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Who may know which library.
LIBRARY_ROOMS = {
    "llhttp.h": {"http"},
    "curl/curl.h": {"http"},
    "sqlite3.h": {"store"},
    "yaml.h": {"config"},
    "dlfcn.h": {"plugin"},
    "uv.h": {"base", "http"},
}


def includes(path):
    return re.findall(r'^\s*#\s*include\s+(["<])([^">]+)[">]', path.read_text(), re.MULTILINE)


def room_of(path):
    relative = path.relative_to(ROOT)
    if relative.parts[0] == "core":
        return relative.parts[1].removesuffix(path.suffix)
    return relative.parts[0]


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.[ch]"))


def daemon_sources():
    found = sources("core", "config")
    assert len(found) > 50
    return found


def test_every_room_has_its_floor():
    assert {room_of(path) for path in daemon_sources()} == set(FLOOR)


def test_no_include_points_up():
    wrong = []
    for path in daemon_sources():
        room = room_of(path)
        for kind, name in includes(path):
            target = name.split("/")[0].removesuffix(".h")
            if kind == "<" or name in ("plugin.h", "version.h") or target == room:
                continue
            if target not in FLOOR or FLOOR[target] >= FLOOR[room]:
                wrong.append(f"{path.relative_to(ROOT)} includes {name}")
    # The top floor is one room in three doors: main calls command, command calls the daemon.
    allowed = {"core/main.c", "core/command/serve.c"}
    assert [line for line in wrong if line.split()[0] not in allowed] == []


def test_libraries_stay_in_their_rooms():
    wrong = [
        f"{path.relative_to(ROOT)} includes {name}"
        for path in daemon_sources()
        for _, name in includes(path)
        if name in LIBRARY_ROOMS and room_of(path) not in LIBRARY_ROOMS[name]
    ]
    assert wrong == []


def test_plugins_see_one_header_of_ours():
    wrong = []
    for path in sources("plugins/routing", "plugins/channel"):
        for kind, name in includes(path):
            if kind == '"' and name != "plugin.h" and not (path.parent / name).exists():
                wrong.append(f"{path.relative_to(ROOT)} includes {name}")
    assert wrong == []


def test_the_contract_stands_alone():
    assert {kind for kind, _ in includes(ROOT / "plugins/plugin.h")} == {"<"}


def test_includes_carry_their_folder():
    wrong = [
        f"{path.relative_to(ROOT)} includes {name}"
        for path in daemon_sources()
        for kind, name in includes(path)
        if kind == '"' and "/" not in name and name not in ("plugin.h", "version.h", "daemon.h")
    ]
    assert wrong == []
