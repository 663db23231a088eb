from contract.broker_passwords import Passwords, fits, hashed, new_password, parse


def test_only_the_right_password_of_a_known_user_lets_in() -> None:
    kept = parse(Passwords({"pi-1": hashed("one"), "pi-2": hashed("two")}).text())
    assert kept.let_in("pi-1", "one")
    assert kept.let_in("pi-2", "two")
    for user, password in (("pi-1", "two"), ("pi-1", ""), ("pi-1", None), ("pi-3", "one"), (None, None), ("", "")):
        assert not kept.let_in(user, password)


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert hashed("one") != hashed("one")
    assert "one" not in hashed("one")
    assert new_password() != new_password()
    assert len(new_password()) == 32


def test_what_is_no_hash_of_ours_lets_nobody_in() -> None:
    for kept in ("", "one", "$6$salt$hash", "$7$x$y$z", "$7$1000$$", "$7$-1$AAAA$AAAA", "$7$0$AAAA$AAAA", "$7$1$é$é"):
        assert not fits("one", kept)
        assert not fits("", kept)
    assert parse("pi-1:plain\n# remark\n\n:$7$\npi-2\n").kept.keys() <= {""}


def test_passwords_are_not_shown() -> None:
    assert "$7$" not in repr(Passwords({"pi-1": hashed("one")}))
