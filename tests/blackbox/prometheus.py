"""prometheus - a strict reader of the text format that Prometheus scrapes, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/ (text-based format). What is not written there is refused.
"""
import dataclasses
import math
import re

CONTENT_TYPE = re.compile(r"text/plain; ?version=0\.0\.4(; ?charset=utf-8)?")
NAME, LABEL = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r"[a-zA-Z_][a-zA-Z0-9_]*"
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
SAMPLE = re.compile(rf"(?P<name>{NAME})(?:{{(?P<labels>.*)}})? (?P<value>\S+)(?: (?P<time>-?\d+))?")
ONE_LABEL = re.compile(rf'({LABEL})="((?:[^"\\\n]|\\["\\n])*)"')
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN")


@dataclasses.dataclass
class Family:
    name: str
    help: str = None
    type: str = None
    samples: list = dataclasses.field(default_factory=list)     # (name, labels, value)


class Metrics:
    """What one scrape said; metrics["name", label=value] is one figure."""

    def __init__(self, text):
        self.families = parse(text)

    def __call__(self, name, **labels):
        found = [value for family in self.families.values() for sample, has, value in family.samples
                 if sample == name and has == labels]
        assert len(found) <= 1
        return found[0] if found else None

    def all(self, name):
        return [(labels, value) for family in self.families.values() for sample, labels, value in family.samples if sample == name]

    def sum(self, name, **labels):
        return sum(value for has, value in self.all(name) if labels.items() <= has.items())


def unescaped(value):
    return re.sub(r"\\(.)", lambda escape: {"n": "\n", '"': '"', "\\": "\\"}[escape[1]], value)


def _labels(text):
    labels, at = {}, 0
    while at < len(text):
        one = ONE_LABEL.match(text, at)
        assert one, f"bad labels {text!r} at {at}"
        assert one[1] not in labels, f"label {one[1]} twice"
        assert not one[1].startswith("__"), f"label {one[1]} is reserved"
        labels[one[1]] = unescaped(one[2])
        at = one.end()
        assert at == len(text) or text[at] == ",", text
        at += at < len(text)
    return labels


def _number(text):
    assert NUMBER.fullmatch(text), f"no number: {text!r}"
    return float(text.replace("Inf", "inf"))


def _family_of(sample, families):
    for suffix in ("_bucket", "_sum", "_count"):
        base = sample.removesuffix(suffix)
        if base != sample and base in families and families[base].type in ("histogram", "summary"):
            return base
    return sample


def parse(text):
    """Families by name; every rule that is broken is an AssertionError."""
    assert text.endswith("\n") and "\r" not in text, "lines end in LF, the last one too"
    families, present, done = {}, None, set()
    for line in text[:-1].split("\n"):
        if line.startswith("#"):
            mark, word, name, *rest = line.split(" ", 3)
            assert mark == "#" and word in ("HELP", "TYPE") and re.fullmatch(NAME, name), line
            family = families.setdefault(name, Family(name))
            assert name not in done and not family.samples, f"{word} of {name} after its samples, or its family is split"
            assert getattr(family, word.lower()) is None, f"{word} of {name} twice"
            setattr(family, word.lower(), rest[0] if rest else "")
            assert word != "TYPE" or family.type in TYPES, line
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, f"bad line {line!r}"
            name = _family_of(sample["name"], families)
            assert name in families and families[name].type and families[name].help, f"{name} has no HELP or no TYPE"
            families[name].samples.append((sample["name"], _labels(sample["labels"] or ""), _number(sample["value"])))
        if present not in (None, name):
            done.add(present)
        assert name not in done, f"the lines of {name} do not stand together"
        present = name
    for family in families.values():
        _check(family)
    return families


def _check(family):
    keys = [(name, tuple(sorted(labels.items()))) for name, labels, _ in family.samples]
    assert len(set(keys)) == len(keys), f"{family.name}: a sample stands twice"
    values = [value for _, _, value in family.samples]
    if family.type == "counter":
        assert family.name.endswith("_total"), f"{family.name}: a counter ends in _total"
        assert all(value >= 0 and math.isfinite(value) for value in values), family.name
    if family.type == "histogram":
        _check_histogram(family)


def _check_histogram(family):
    series = {}
    for name, labels, value in family.samples:
        rest = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        series.setdefault(rest, {}).setdefault(name.removeprefix(family.name), []).append((labels.get("le"), value))
    for parts in series.values():
        assert set(parts) == {"_bucket", "_sum", "_count"}, f"{family.name}: {sorted(parts)}"
        bounds = [_number(le) for le, _ in parts["_bucket"]]
        counts = [value for _, value in parts["_bucket"]]
        assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, f"{family.name}: its buckets do not rise to +Inf"
        assert counts == sorted(counts), f"{family.name}: its counts fall"
        assert counts[-1] == parts["_count"][0][1], f"{family.name}: _count is not what +Inf says"
        assert parts["_sum"][0][1] >= 0
