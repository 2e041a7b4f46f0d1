"""documents - what the documents hold: fenced blocks, code, links; and the binary that they talk about."""
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HANDOFFD = Path(os.environ.get("HANDOFFD", ROOT / "build/dev/bin/handoffd")).absolute()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WAIT_SECONDS = 60

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PASSED_ON = ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH", "LLVM_PROFILE_FILE")

# Well-formed, and nobody's: with them the channel counts as configured.
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886",
    "TWILIO_CONTENT_SID": "HX" + "0" * 32,
}


def text_of(document):
    return document.read_text("utf-8")


def fences(document, language):
    """The bodies of the blocks that are fenced as this language."""
    return [body for name, body in FENCE.findall(text_of(document)) if name == language]


def shell_lines(document):
    """Every line that somebody may type, and every inline code."""
    text = text_of(document)
    blocks = [body for name, body in FENCE.findall(text) if name in ("sh", "console", "ini")]
    return [line for body in blocks for line in body.splitlines()] + INLINE.findall(FENCE.sub("", text))


def handoffd(*arguments, cwd, **environment):
    """Runs one subcommand to its end, in English and without the developer's own environment."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.run([HANDOFFD, *map(str, arguments)], cwd=cwd, env={**kept, "LC_ALL": "C.UTF-8", **environment},
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_SECONDS, encoding="utf-8", check=False)
