"""`handoffd check`: every mistake in vendors.yaml at once, with its place and a suggestion."""
import re

import pytest

from daemon import EXIT_FINE, EXIT_WRONG, run

GOOD = """\
company: {name: Robótica del Bajío, timezone: America/Mexico_City, country: MX}
vendors:
  - {id: ana, name: Ana Torres, notify: {whatsapp: 442 000 0001}, keywords: [cotización]}
  - id: diego
    name: Diego Mora
    notify: [{channel: whatsapp, to: +1 512 000 0003}, {channel: log}]
routing: [keyword, round_robin]
server: {listen: 127.0.0.1:0, reply_within: 8s}
channels:
  log: {plugin: log}
  whatsapp:
    plugin: twilio_whatsapp
    account_sid: AC0123456789abcdef0123456789abcdef
    auth_token: not-a-real-token
    from: whatsapp:+14155238886
store: {path: data/handoffd.db}
"""


def check(folder, text, env=None, encoding="utf-8"):
    (folder / "vendors.yaml").write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    done = run("check", "vendors.yaml", cwd=folder, env=env)
    return done.returncode, done.stdout + done.stderr


def line_of(text, part):
    return text[:text.index(part)].count("\n") + 1


def places(output):
    """The places that are complained about, in the order of the output."""
    return [(int(line), int(column)) for line, column in re.findall(r"vendors\.yaml:(\d+):(\d+): ", output)]


def test_a_good_file_is_0(tmp_path):
    code, output = check(tmp_path, GOOD)
    assert code == EXIT_FINE and places(output) == []


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t, lambda t: "\n# hola\n" + t])
def test_line_ends_of_windows_and_a_byte_order_mark_are_fine(tmp_path, change):
    code, output = check(tmp_path, change(GOOD))
    assert code == EXIT_FINE, output


# what is written instead of what; a word that the complaint must hold
MISTAKES = {
    "a misspelt section": ("routing:", "rooting:", "routing"),
    "a misspelt key": ("listen:", "lisen:", "listen"),
    "a misspelt key of a person": ("name: Diego Mora", "nombre: Diego Mora", "name"),
    "a channel that nobody defined": ("{whatsapp: 442", "{whatsap: 442", "whatsapp"),
    "a router that is not there": ("round_robin]", "round_robbin]", "round_robin"),
    "a channel plugin that is not there": ("plugin: twilio_whatsapp", "plugin: twilio_watsapp", "twilio_whatsapp"),
    "a misspelt option of a channel": ("auth_token:", "auth_tokn:", "auth_token"),
    "a wrong type": ("reply_within: 8s", "reply_within: soon", "soon"),
    "a number that is no phone": ("442 000 0001", "442 000", "digits"),
    "the same id twice": ("id: diego", "id: ana", "ana"),
    "a variable that is not set": ("not-a-real-token", "${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE"),
    "an option of a router that is not in the chain": ("routing: [keyword, round_robin]", "routing: [round_robin]", "keywords"),
    "a section that is a list": ("store: {path: data/handoffd.db}", "store: [data]", "store"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_names_the_place_of_a_mistake_and_helps(tmp_path, mistake):
    right, wrong, word = MISTAKES[mistake]
    text = GOOD.replace(right, wrong, 1)
    assert text != GOOD
    code, output = check(tmp_path, text)
    assert code == EXIT_WRONG
    lines = [int(m[1]) for m in re.finditer(r"vendors\.yaml:(\d+):\d+: .*" + re.escape(word), output)]
    assert line_of(GOOD, "keywords:" if word == "keywords" else right) in lines, output


def test_the_column_is_that_of_the_mistake(tmp_path):
    text = GOOD.replace("server: {listen:", "server: {lisen:")
    assert (line_of(text, "lisen"), len("server: {") + 1) in places(check(tmp_path, text)[1])


@pytest.mark.parametrize("count, english, spanish", [(1, "1 error; nothing", "1 error; no se"), (2, "2 errors; nothing", "2 errores; no se")])
def test_one_mistake_is_one_error(tmp_path, count, english, spanish):
    text = GOOD.replace("listen:", "lisen:") if count == 1 else GOOD.replace("listen:", "lisen:").replace("reply_within:", "replywithin:")
    assert english in check(tmp_path, text)[1]
    assert spanish in check(tmp_path, text, env={"LANG": "es_MX.UTF-8"})[1]


def test_all_mistakes_at_once_in_order(tmp_path):
    text = GOOD
    for mistake in ("a misspelt key", "a channel that nobody defined", "a router that is not there",
                    "a misspelt option of a channel"):
        right, wrong, _ = MISTAKES[mistake]
        text = text.replace(right, wrong, 1)
    code, output = check(tmp_path, text)
    found = [line for line, _ in places(output)]
    assert code == EXIT_WRONG and found == sorted(found)
    for wrong in ("lisen", "whatsap:", "round_robbin", "auth_tokn"):
        assert line_of(text, wrong) in found


@pytest.mark.parametrize("text, line", [
    ("vendors: [\n", None), ("a: b: c\n", 1), ("company: {name: x}\n\tvendors: []\n", 2), ("vendors: 5\n", 1), ("", None),
    ("- a\n", 1), ("company: &x {name: *x}\n", 1)])
def test_what_is_not_our_yaml_is_2_and_never_a_crash(tmp_path, text, line):
    code, output = check(tmp_path, text)
    assert code == EXIT_WRONG and "vendors.yaml" in output
    assert line is None or line in [place[0] for place in places(output)], output


def test_latin_1_is_named(tmp_path):
    code, output = check(tmp_path, GOOD, encoding="latin-1")
    assert code == EXIT_WRONG and re.search(r"vendors\.yaml.*(Latin-1|UTF-8|latin|utf)", output)


def test_speaks_the_language_of_the_reader(tmp_path):
    text = GOOD.replace("listen:", "lisen:")
    english = check(tmp_path, text)[1]
    spanish = check(tmp_path, text, env={"LANG": "es_MX.UTF-8"})[1]
    assert english != spanish and places(english) == places(spanish)
    assert re.search(r"unknown|did you mean", english)
    assert re.search(r"desconocid|no se conoce|no existe|¿?[Qq]uis", spanish)


def test_a_mistake_shows_no_secret(tmp_path):
    text = GOOD.replace("from: whatsapp:+14155238886", "form: whatsapp:+14155238886")
    code, output = check(tmp_path, text)
    assert code == EXIT_WRONG and "not-a-real-token" not in output


def test_reads_the_env_file_beside_the_configuration(tmp_path):
    (tmp_path / ".env").write_text('# hola\nexport ONE=1\nTOKEN="un token"  \n')
    assert check(tmp_path, GOOD.replace("not-a-real-token", "${TOKEN}"))[0] == EXIT_FINE


def test_serve_refuses_what_check_refuses(tmp_path, spawn):
    text = GOOD.replace("listen:", "lisen:")
    checked = check(tmp_path, text)[1]
    daemon = spawn(text)
    assert daemon.wait_for_exit() == EXIT_WRONG
    assert places(daemon.log) == places(checked) != []
