import os
from pathlib import Path

import pytest

from contract.errors import LineError, NotAllowed
from contract.secrets import Credentials, Secrets, read, with_mqtt


def _write(directory: Path, text: str, mode: int = 0o600) -> Path:
    file = directory / "secrets.toml"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return directory


def test_without_the_file_there_are_no_secrets(tmp_path: Path) -> None:
    assert read(tmp_path) == Secrets()


def test_both_tables_are_read_and_the_certificate_lies_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").touch()
    text = '[mqtt]\nuser = "pi-1"\npassword = "p"\nca = "ca.crt"\n[store]\ntoken = "t"\norg = "o"\n'
    secrets = read(_write(tmp_path, text))
    assert secrets.mqtt == Credentials("pi-1", "p", tmp_path / "ca.crt")
    assert secrets.store == {"token": "t", "org": "o"}


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    secrets = read(_write(tmp_path, '[mqtt]\nuser = "u"\npassword = "geheim"\n[store]\ntoken = "geheim"\n'))
    assert "geheim" not in repr(secrets)


@pytest.mark.skipif(os.name != "posix", reason="file modes are a thing of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    with pytest.raises(NotAllowed) as refused:
        read(_write(tmp_path, '[mqtt]\nuser = "u"\n', mode))
    assert "chmod 600" in refused.value.say("en")


@pytest.mark.parametrize(
    ("text", "row", "where"),
    [
        ('[mqtt]\nusr = "geheim"\n', 2, "mqtt.usr"),
        ("[store]\ntoken = 5\n", 2, "store.token"),
        ('[mqtt]\nuser = "u"\n[http]\ntoken = "geheim"\n', 3, "http"),
        ('mqtt = "geheim"\n', 1, "mqtt"),
        ('[mqtt]\npassword = "geheim\n', 2, ""),
        ('[mqtt]\npassword = """geheim\n', 2, ""),
        ('[mqtt]\nca = "geheim.crt"\n', 2, "mqtt.ca"),
    ],
)
def test_a_mistake_is_named_with_its_place_without_showing_the_secret(
    tmp_path: Path, text: str, row: int, where: str
) -> None:
    with pytest.raises(LineError) as refused:
        read(_write(tmp_path, text))
    assert [(mistake.row, mistake.where) for mistake in refused.value.mistakes] == [(row, where)]
    assert refused.value.say("en").startswith(f"{tmp_path / 'secrets.toml'}:{row}: ")
    assert "geheim" not in refused.value.say("en") + refused.value.say("ja")


def test_a_mistyped_key_is_met_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(LineError) as refused:
        read(_write(tmp_path, '[mqtt]\nuser = "u"\npasword = "geheim"\n'))
    assert refused.value.say("en").endswith(':3: mqtt.pasword: unknown key "pasword". Did you mean "password"?')


def test_the_brokers_account_is_replaced_and_all_else_stays(tmp_path: Path) -> None:
    before = '# ours\n[mqtt] # old\nuser = "old"\n# a remark\n[store]\ntoken = "t" # mine\n'
    mine = Credentials("pi-1", "new", tmp_path / "ca.crt")
    after = with_mqtt(before, mine, tmp_path / "secrets.toml")
    own = '[mqtt]\nuser = "pi-1"\npassword = "new"\nca = "ca.crt"\n'
    assert after == own + '\n# ours\n# a remark\n[store]\ntoken = "t" # mine\n'
    assert with_mqtt(after, mine, tmp_path / "secrets.toml") == after


@pytest.mark.parametrize("text", ['mqtt.user = "x"\n', 'mqtt = { user = "x" }\n', '[store]\n[[mqtt]]\nuser = "x"\n'])
def test_an_account_that_is_no_table_is_left_to_a_person(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotAllowed, match=r"\[mqtt\]"):
        with_mqtt(text, Credentials("pi-1", "new"), tmp_path / "secrets.toml")
