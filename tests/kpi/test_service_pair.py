"""A phone or a wall joins by the code that `kojo pair` shows: the cookie, what it opens, and what a person is told."""

from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from kpi.access import MOST_FAILURES
from kpi.service_shell import COOKIE
from kpi.tokens import COOKIE_LIVES_S, ROLES, Role
from tests.kpi.desks import Service
from tests.kpi.test_service import made, problem

pytestmark = pytest.mark.slow

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PHONE, HOST = "192.168.1.20", "192.168.1.5:8000"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return made(tmp_path)


def test_a_device_is_paired_by_a_code_once(service: Service) -> None:
    code = service.tokens.pair_code("operator")
    answer = service.ask(f"/pair?code={code}", peer="192.168.1.20", host="192.168.1.5:8000")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    shown = {"cookie": cookie.split(";")[0]}
    assert service.ask("/api/v1/line", peer="192.168.1.20", headers=shown).status_code == 200
    body = {"kind": "note", "text": "朝礼"}
    host = "192.168.1.5:8000"
    own = shown | {"origin": f"http://{host}"}
    kept = service.ask("/api/v1/events", "POST", peer="192.168.1.20", host=host, headers=own, json=body)
    assert kept.status_code == 201
    strange = shown | {"origin": "http://evil.example"}
    problem(service.ask("/api/v1/events", "POST", peer="192.168.1.20", host=host, headers=strange, json=body), 403)
    problem(service.ask(f"/pair?code={code}", peer="192.168.1.21"), 403)


@pytest.mark.parametrize("role", ROLES)
def test_the_cookie_is_for_the_browser_alone_and_ends(service: Service, role: Role) -> None:
    answer = service.ask(f"/pair?code={service.tokens.pair_code(role)}", peer=PHONE, host=HOST, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert int(cookie["max-age"]) == COOKIE_LIVES_S[role]
    assert service.tokens.token(role) not in answer.text + str(answer.headers)
    assert service.tokens.role_of_cookie(cookie.value) == role


def test_where_it_is_asked_by_https_the_cookie_goes_nowhere_else(service: Service) -> None:
    code = service.tokens.pair_code("viewer")
    answer = service.ask(f"https://kojo/pair?code={code}", peer=PHONE)
    assert "Secure" in answer.headers["set-cookie"]


def test_a_used_code_is_explained_on_a_page_in_japanese_first(service: Service) -> None:
    code = service.tokens.pair_code("operator")
    assert service.ask(f"/pair?code={code}", peer=PHONE, headers=BROWSER).status_code == 303
    answer = service.ask(f"/pair?code={code}", peer="192.168.1.21", headers=BROWSER)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    text = answer.text
    assert text.index("登録できませんでした") < text.index("kojo pair") < text.index("Run")
    assert code not in text
    assert "set-cookie" not in answer.headers
    assert 'href="/"' not in text
    for forbidden in ("<script", "<style", "style="):
        assert forbidden not in text, "the policy of contents would not let it"


def test_who_has_joined_already_is_shown_the_way_in(service: Service) -> None:
    shown = BROWSER | {"cookie": f"{COOKIE}={service.tokens.cookie('viewer')}"}
    assert 'href="/"' in service.ask("/pair?code=old", peer=PHONE, headers=shown).text


def test_a_look_ahead_of_the_person_uses_no_code(service: Service) -> None:
    code = service.tokens.pair_code("viewer")
    for sign in ({"sec-purpose": "prefetch;prerender"}, {"purpose": "preview"}, {"x-moz": "prefetch"}):
        assert service.ask(f"/pair?code={code}", headers=BROWSER | sign).status_code == 403
    assert service.ask(f"/pair?code={code}", "HEAD").status_code == 405
    assert service.ask(f"/pair?code={code}", headers=BROWSER).status_code == 303


def test_guessing_codes_is_slowed_down_and_a_right_one_still_joins(service: Service) -> None:
    for _ in range(MOST_FAILURES):
        problem(service.ask("/pair?code=o1.2.3", peer=PHONE), 403)
    problem(service.ask("/pair?code=o1.2.3", peer=PHONE), 429)
    page = service.ask("/pair?code=o1.2.3", peer=PHONE, headers=BROWSER)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert service.ask(f"/pair?code={service.tokens.pair_code('viewer')}", peer=PHONE).status_code == 303


@pytest.mark.parametrize("query", ["", "?code=", "?code=" + "x" * 200, "?code=%00", "?code=a&code=b"])
def test_no_code_at_all_is_a_problem_too(service: Service, query: str) -> None:
    assert service.ask(f"/pair{query}", peer=PHONE).status_code in (403, 422)


def test_who_replaces_the_tokens_file_ends_every_cookie(service: Service, tmp_path: Path) -> None:
    shown = {"cookie": f"{COOKIE}={service.tokens.cookie('viewer')}"}
    assert service.ask("/api/v1/line", peer=PHONE, host=HOST, headers=shown).status_code == 200
    (tmp_path / "viewer.token").unlink()
    problem(service.ask("/api/v1/line", peer=PHONE, host=HOST, headers=shown), 401)
