"""features - what the daemon under test can be told in vendors.yaml: older ones know less, and a story may need more."""
import functools
import json
import tempfile
from pathlib import Path

import pytest

from daemon import EXIT_FINE, as_yaml, run

SECTIONS = {
    "callbacks": {"server": {"public_url": "http://127.0.0.1:8000"}},
    "finding": {"unknown": {"ask_for": "120s", "times": 3, "give_up": "5m", "on_ambiguous": "escalate"}},
    "pace": {"channels": {"log": {"plugin": "log", "max_per_second": 80, "person_every": "6s", "person_burst": 45}}},
    "deadlines": {"channels": {"log": {"plugin": "log", "deliver_within": "10m"}}},
    "outcomes": {"channels": {"log": {"plugin": "log", "outcomes": {"30008": "deferred"}}}},
}


@functools.lru_cache(maxsize=None)
def has(name):
    """Whether `handoffd check` takes a file with it."""
    sections = {"company": {"name": "x", "timezone": "America/Mexico_City", "country": "MX"},
                "vendors": [{"id": "ana", "notify": {"log": None}}], "channels": {"log": {"plugin": "log"}}, **SECTIONS[name]}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vendors.yaml").write_text(as_yaml(json.loads(json.dumps(sections))), "utf-8")
        return run("check", cwd=folder).returncode == EXIT_FINE


def needs(*names):
    """Skips a story that this daemon cannot tell."""
    missing = [name for name in names if not has(name)]
    return pytest.mark.skipif(bool(missing), reason=f"this handoffd has no {', '.join(missing)}")
