"""What `kojo derive` writes for the broker, and what it keeps when it is run again."""

import stat
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from contract import broker_passwords, secrets
from contract.broker_access import parse
from contract.errors import NotAllowed, NotThere
from contract.line import Line
from contract.secrets import Credentials
from hardware.account_derive import Derived, derive_accounts, lan_broker
from hardware.accounts import is_signed_by, names_of
from tests.derived import TEXT, line_of, now

pytestmark = pytest.mark.slow

URL = "embedded:factory-pc.local:8883"


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return line_of(tmp_path, URL)


def derived(line: Line, tmp_path: Path, **told: object) -> Derived:
    return derive_accounts(line, tmp_path / "data", now(), **told)  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def kept(out: Path) -> broker_passwords.Passwords:
    return broker_passwords.parse((out / "broker" / "passwords").read_text("utf-8"))


def credentials(folder: Path) -> Credentials:
    return secrets.read(folder).mqtt


def test_each_folder_is_ready_to_be_copied(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    out = tmp_path / "data"
    folders = ["agents/pi-1", "agents/pi-2", "teams/team-a", "teams/team-b", "stations/dock", "people/viewer", "."]
    for name in (*folders, "people/operator"):
        mine = credentials(out / name)
        assert mine.ca is not None, name
        assert mine.ca.read_bytes() == (out / "broker" / "ca.crt").read_bytes()
        assert kept(out).let_in(mine.user, mine.password), name
    assert len({credentials(out / name).password for name in folders}) == len(folders)
    assert parse((out / "broker" / "access").read_text("utf-8"), "access").users.keys() == kept(out).kept.keys()


def test_only_their_owner_may_read_any_of_it(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    for path in (tmp_path / "data").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_password_is_nowhere_but_where_it_belongs(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    out = tmp_path / "data"
    password = credentials(out / "teams" / "team-a").password
    assert password is not None
    holding = [name for name, held in content(out).items() if password.encode() in held]
    assert holding == ["teams/team-a/connection.txt", "teams/team-a/kojo_broker.h", "teams/team-a/secrets.toml"]
    holding = [name for name, held in content(out).items() if b"PRIVATE KEY" in held]
    assert holding == ["authority/ca.key", "broker/server.key"]


def test_running_it_again_changes_nothing(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    before = content(tmp_path / "data")
    again = derived(line, tmp_path)
    assert content(tmp_path / "data") == before
    assert (again.new, again.renewed, again.gone, again.elsewhere) == ([], [], [], [])
    assert not again.trust.new_ca
    assert not again.trust.new_server


def test_one_password_is_renewed_and_no_other(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    out = tmp_path / "data"
    before, hashes = credentials(out / "agents" / "pi-1"), kept(out).kept
    assert derived(line, tmp_path, renew=["pi-1"]).renewed == ["pi-1"]
    after = credentials(out / "agents" / "pi-1")
    assert not kept(out).let_in("pi-1", before.password)
    assert kept(out).let_in("pi-1", after.password)
    assert {user: hash for user, hash in kept(out).kept.items() if user != "pi-1"} == {
        user: hash for user, hash in hashes.items() if user != "pi-1"
    }


def test_everybody_and_the_kits_own_are_renewed_by_name(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    assert derived(line, tmp_path, renew=["viewer", "collector"]).renewed == ["_collector", "_viewer"]
    assert len(derived(line, tmp_path, renew=["all"]).renewed) == 8


def test_an_unknown_account_cannot_be_renewed(line: Line, tmp_path: Path) -> None:
    with pytest.raises(NotThere, match=r"pi-7.*pi-1"):
        derived(line, tmp_path, renew=["pi-7"])
    assert not (tmp_path / "data").exists()


def test_a_new_pi_gets_an_account_and_a_lost_one_loses_it(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    other = line_of(tmp_path, URL, TEXT.replace("pi-2", "pi-3"))
    told = derived(other, tmp_path)
    out = tmp_path / "data"
    assert (told.new, told.gone) == (["pi-3"], ["pi-2"])
    assert "pi-2" not in kept(out).kept
    assert not (out / "agents" / "pi-2").exists()
    assert credentials(out / "agents" / "pi-3").user == "pi-3"


def test_a_folder_that_was_moved_to_its_pi_costs_the_pi_nothing(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    out = tmp_path / "data"
    mine = credentials(out / "agents" / "pi-1")
    (out / "agents" / "pi-1").rename(tmp_path / "moved")
    assert derived(line, tmp_path).elsewhere == ["pi-1"]
    assert kept(out).let_in("pi-1", mine.password)
    assert derived(line, tmp_path, renew=["pi-1"]).elsewhere == []
    assert not kept(out).let_in("pi-1", mine.password)


def test_what_else_is_in_secrets_toml_stays(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "data" / "secrets.toml"
    file.parent.mkdir()
    file.write_text('# ours\n[store]\ntoken = "t"  # of the server\n\n[mqtt]\nuser = "_collector"\n', "utf-8")
    file.chmod(0o600)
    derived(line, tmp_path)
    text = file.read_text("utf-8")
    assert "# ours" in text
    assert "# of the server" in text
    assert tomllib.loads(text)["store"] == {"token": "t"}
    assert credentials(file.parent).user == "_collector"


@pytest.mark.parametrize("mqtt", ['[mqtt]\nuser = "own"\n', 'mqtt = { user = "_collector" }\n'])
def test_an_account_that_is_not_ours_is_not_overwritten(line: Line, tmp_path: Path, mqtt: str) -> None:
    file = tmp_path / "data" / "secrets.toml"
    file.parent.mkdir()
    file.write_text(mqtt, "utf-8")
    file.chmod(0o600)
    with pytest.raises(NotAllowed, match=r"secrets\.toml"):
        derived(line, tmp_path)
    assert file.read_text("utf-8") == mqtt


def test_a_new_address_gets_a_new_certificate_under_the_same_authority(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    out = tmp_path / "data"
    ca = (out / "ca.crt").read_bytes()
    told = derived(line_of(tmp_path, "mqtts://192.168.1.5"), tmp_path, hosts=["Broker.local"])
    assert told.trust.new_server
    assert not told.trust.new_ca
    certificate = (out / "broker" / "server.crt").read_bytes()
    assert names_of(certificate) == {"192.168.1.5", "broker.local", "localhost", "127.0.0.1", "::1"}
    assert is_signed_by(certificate, ca)
    assert (out / "ca.crt").read_bytes() == ca


def test_a_certificate_that_will_end_is_made_anew(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    late = now() + timedelta(days=4.5 * 365)
    assert derive_accounts(line, tmp_path / "data", late).trust.new_server


def test_a_new_authority_reaches_every_folder(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    before = (tmp_path / "data" / "ca.crt").read_bytes()
    assert derived(line, tmp_path, renew=["ca"]).trust.new_ca
    authorities = {held for name, held in content(tmp_path / "data").items() if name.endswith("ca.crt")}
    assert len(authorities) == 1
    assert before not in authorities
    assert is_signed_by((tmp_path / "data/broker/server.crt").read_bytes(), *authorities)


def test_the_authoritys_key_may_lie_elsewhere_until_it_is_needed(line: Line, tmp_path: Path) -> None:
    derived(line, tmp_path)
    (tmp_path / "data/authority/ca.key").rename(tmp_path / "safe")
    assert not derived(line, tmp_path).trust.new_server
    with pytest.raises(NotAllowed, match=r"ca\.key.*--renew ca"):
        derived(line, tmp_path, hosts=["other.local"])
    assert derived(line, tmp_path, renew=["ca"]).trust.new_ca


def test_a_team_that_is_called_like_a_pi_is_not_that_pi(tmp_path: Path) -> None:
    line = line_of(tmp_path, URL, TEXT.replace("team-a", "pi-2"))
    told = derived(line, tmp_path)
    access = parse((tmp_path / "data/broker/access").read_text("utf-8"), "access")
    assert [account.user for account in told.all if account.kind == "team"] == ["team.pi-2", "team-b"]
    assert access.may("team.pi-2", "write", "kojo/v1/akita/wash/washer/esp/count")
    assert not access.may("team.pi-2", "write", "kojo/v1/akita/wash/_agents/pi-2")
    assert not access.may("pi-2", "write", "kojo/v1/akita/wash/washer/esp/count")


def test_a_rule_may_set_the_output_it_names_at_another_pi_and_no_other(tmp_path: Path) -> None:
    rule = '[[rules]]\nwhen = "washer/done/count > 5"\nset = "packer/andon"\nvalue = 1\n'
    line = line_of(tmp_path, URL, TEXT + rule)
    derived(line, tmp_path)
    access = parse((tmp_path / "data/broker/access").read_text("utf-8"), "access")
    assert access.may("pi-1", "write", "kojo/v1/akita/wash/_set/packer/andon")
    assert not access.may("pi-1", "write", "kojo/v1/akita/wash/_set/packer/other")
    assert not access.may("pi-2", "write", "kojo/v1/akita/wash/_set/packer/andon")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("embedded", "mqtts://127.0.0.1:8883"),
        ("embedded:pc.local:9883", "mqtts://pc.local:9883"),
        ("mqtt://10.0.0.5", "mqtts://10.0.0.5:8883"),
        ("mqtts://10.0.0.5:8884", "mqtts://10.0.0.5:8884"),
    ],
)
def test_the_files_are_for_tls_whatever_the_line_says_now(tmp_path: Path, url: str, address: str) -> None:
    assert str(lan_broker(line_of(tmp_path, url))) == address


def test_a_moved_broker_is_told_and_a_team_gets_a_line_that_sends_to_its_own_station(
    line: Line, tmp_path: Path
) -> None:
    assert not derived(line, tmp_path).moved
    moved = line_of(tmp_path, "mqtts://broker.local:8884")
    assert derived(moved, tmp_path).moved
    assert not derived(moved, tmp_path).moved
    sheet = (tmp_path / "data" / "teams" / "team-a" / "connection.txt").read_text("utf-8")
    assert "mosquitto_pub -V 5 -q 1 -d -h broker.local -p 8884" in sheet
    assert "/SENSOR/MEASURE -m 1" in sheet
    assert "mosquitto_sub" not in sheet
