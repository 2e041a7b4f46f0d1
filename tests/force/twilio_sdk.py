#!/usr/bin/env python3
"""twilio_sdk - Twilio's own SDK as the judge: of our stand-in, and of what the daemon takes for a callback of Twilio's.

Needs node and the npm package `twilio` (--install fetches it into build/twilio_sdk); without them it is skipped.
  1. the SDK works with the stand-in: sends, lists page by page, fetches, asks for a template and for senders
  2. the SDK finds every callback of the stand-in rightly signed
  3. the daemon takes 1,000 random callbacks that the SDK signed (--short: 50), and refuses each with one bit flipped
"""
import http.client
import json
import os
import random
import subprocess
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import force

OPTIONS = force.arguments(__doc__, (("--install",), {"action": "store_true", "help": "npm install twilio first"}),
                          (("--count",), {"type": int}))

import account      # noqa: E402
import fates        # noqa: E402
import story        # noqa: E402
from daemon import REPOSITORY, Daemon       # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from receiver import Receiver       # noqa: E402

COUNT = OPTIONS.count or (50 if OPTIONS.short else 1000)
HOME = REPOSITORY / "build/twilio_sdk"
MODULES = Path(os.environ.get("TWILIO_SDK", HOME / "node_modules"))
TEMPLATE = "HX" + "b1" * 16
FORM = {"to": "whatsapp:+5214420000001", "from": "whatsapp:" + story.SENDER, "body": "¡Hola! 👋"}
ODD = ["", "a", " ", "+", "&=%", "ñandú", "👋🏽", "a\nb", "'", '"', "%2B", "~*()!", "\u00a0", "línea\r\n", "x" * 300]


def ask(question, **facts):
    done = subprocess.run(["node", force.HERE / "twilio_sdk/sdk.js", question], input=json.dumps(facts), check=False,
                          capture_output=True, encoding="utf-8", env={**os.environ, "NODE_PATH": str(MODULES)}, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def install():
    HOME.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--ignore-scripts", "--prefix", HOME, "twilio"], check=True)


def check_stand_in():
    twilio = FakeTwilio().start()
    twilio.templates[TEMPLATE] = account.template(status="paused")
    found = ask("use", base=twilio.url, account=account.ACCOUNT_SID, token=account.AUTH_TOKEN, form=FORM, template=TEMPLATE)
    twilio.stop()
    wanted = {"created": found["created"], "listed": [[sid, "delivered", True] for sid in found["created"][::-1]],
              "fetched": [found["created"][0], "delivered"], "approval": "paused",
              "senders": [["whatsapp:" + made["number"], "ONLINE"] for made in twilio.senders],
              "refusal": {"status": 400, "code": 21211}}
    return [f"{name}: {found[name]!r} instead of {wanted[name]!r}" for name in wanted if found[name] != wanted[name]]


def check_its_callbacks():
    twilio, receiver = FakeTwilio().start(), Receiver()
    twilio.fate(fates.read())
    twilio.templates[TEMPLATE] = account.template()
    ask("use", base=twilio.url, account=account.ACCOUNT_SID, token=account.AUTH_TOKEN, template=TEMPLATE,
        form={**FORM, "statusCallback": receiver.url + "/hooks/whatsapp/7oken?a=b"})
    calls = [{"url": receiver.url + call.path, "pairs": call.pairs, "signature": call.headers["x-twilio-signature"]}
             for call in receiver.wait_for(15)]
    valid = ask("validate", token=account.AUTH_TOKEN, calls=calls)
    twilio.stop()
    receiver.stop()
    return [] if all(valid) else [f"{valid.count(False)} of {len(valid)} callbacks of the stand-in are wrongly signed"]


def random_pairs(sid, to):
    """A callback with the fields that matter, and others that Twilio might add."""
    fixed = [("AccountSid", account.ACCOUNT_SID), ("MessageSid", sid), ("SmsSid", sid), ("To", to), ("From", FORM["from"]),
             ("MessageStatus", random.choice(["queued", "sent", "delivered", "read", "unheard-of"])), ("ApiVersion", "2010-04-01")]
    names = [random.choice(["Extra", "extra", "Ñ", "Tag[]", "a b", "Z.z", "0"]) + random.choice(["", "1", "2"])
             for _ in range(random.randrange(8))]
    pairs = fixed + [(name, "".join(random.choices(ODD, k=random.randrange(4)))) for name in names]
    random.shuffle(pairs)
    return pairs


def post(connection, url, body, signature):
    parts = urlsplit(url)
    connection.request("POST", parts.path, body, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                                                  "X-Twilio-Signature": signature})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def flipped(body):
    position = random.randrange(len(body))
    return body[:position] + bytes([body[position] ^ 1]) + body[position + 1:]


def check_daemon():
    """The number of callbacks that were taken and refused, and what was wrong."""
    twilio, faults = FakeTwilio().start(), []
    twilio.fate(fates.nothing())
    with force.folder(OPTIONS) as folder:
        daemon = Daemon(folder, story.called_back(story.company(twilio))).start()
        for _ in range(10):
            daemon.post(story.a_handoff())
        messages = twilio.ledger.wait_for(10)
        calls = [{"url": m.form["StatusCallback"], "pairs": random_pairs(m.sid, m.to)} for m in random.choices(messages, k=COUNT)]
        signatures = ask("sign", token=account.AUTH_TOKEN, calls=calls)
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
        for call, signature in zip(calls, signatures):
            body = urlencode(call["pairs"]).encode()
            bad = flipped(body)
            statuses = [post(connection, call["url"], bad, signature), post(connection, call["url"], body, signature)]
            if statuses[0] != 403 or statuses[1] // 100 != 2:
                faults.append(f"{statuses} for {body!r}, flipped {bad!r}")
        daemon.stop()
    twilio.stop()
    return faults


def main():
    for tool in ("node", *(["npm"] if OPTIONS.install else [])):
        force.need_tool(tool)
    if OPTIONS.install:
        install()
    if not (MODULES / "twilio").is_dir():
        force.skip(f"the npm package twilio is not in {MODULES}: --install fetches it")
    started, faults = time.monotonic(), []
    table = force.Table("Twilio's SDK", "cases", "faults", first=44)
    for name, count, check in [("works with the stand-in", 10, check_stand_in),
                               ("finds the stand-in's callbacks well signed", 15, check_its_callbacks)]:
        found = check()
        table.row(name, count, len(found))
        faults += found
    found = check_daemon()
    table.row("signs what the daemon takes, bit by bit", 2 * COUNT, len(found))
    faults += found
    print(f"\n{time.monotonic() - started:.0f} s")
    force.finish(faults, OPTIONS.seed, "the SDK agrees")


if __name__ == "__main__":
    main()
