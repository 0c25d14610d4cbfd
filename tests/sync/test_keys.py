"""The key of a workstation: in the keyring, or in a file that somebody named, never anywhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring

from console.sync.keys import SERVICE, KeyProblem, Keys

from .keyrings import Keeping, Locked, Losing, keyring_is

HUB = "https://hub.example.org"
TOKEN = "sc_0123456789abcdef"


def test_a_token_is_read_as_it_was_kept(tmp_path: Path) -> None:
    keys = Keys(HUB, tmp_path)
    with keyring_is(Keeping()):
        keys.check()
        keys.keep(TOKEN)
        assert keys.read() == TOKEN


def test_each_hub_and_each_workspace_has_a_token_of_its_own(tmp_path: Path) -> None:
    with keyring_is(Keeping()):
        Keys(HUB, tmp_path / "one").keep("first")
        Keys(HUB, tmp_path / "two").keep("second")
        Keys("https://other.example.org", tmp_path / "one").keep("third")
        assert Keys(HUB, tmp_path / "one").read() == "first"
        assert Keys(HUB, tmp_path / "two").read() == "second"


def test_the_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    with keyring_is(Keeping()) as keyring:
        Keys(HUB, tmp_path).check()
        assert isinstance(keyring, Keeping)
        assert keyring.kept == {}


def test_a_token_that_was_forgotten_asks_to_sign_in_again(tmp_path: Path) -> None:
    keys = Keys(HUB, tmp_path)
    with keyring_is(Keeping()):
        keys.keep(TOKEN)
        keys.forget()
        keys.forget()
        with pytest.raises(KeyProblem, match="Sign in again"):
            keys.read()


@pytest.mark.parametrize("backend", [NoKeyring(), NullKeyring()])
def test_a_system_without_a_keyring_is_told_and_gets_no_file(backend: NoKeyring | NullKeyring, tmp_path: Path) -> None:
    with keyring_is(backend):
        for act in (Keys(HUB, tmp_path).check, lambda: Keys(HUB, tmp_path).keep(TOKEN)):
            with pytest.raises(KeyProblem, match="no keyring"):
                act()
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_does_not_keep_what_it_took_is_noticed(tmp_path: Path) -> None:
    with keyring_is(Losing()), pytest.raises(KeyProblem, match="did not keep"):
        Keys(HUB, tmp_path).check()


def test_a_locked_keyring_is_told_in_one_sentence_without_the_token(tmp_path: Path) -> None:
    with keyring_is(Locked()), pytest.raises(KeyProblem) as told:
        Keys(HUB, tmp_path).keep(TOKEN)
    assert "unlock" in told.value.sentence
    assert TOKEN not in str(told.value)


def test_a_named_file_is_readable_by_its_owner_only_and_the_keyring_is_left_alone(tmp_path: Path) -> None:
    keys = Keys(HUB, tmp_path, tmp_path / "token")
    with keyring_is(NoKeyring()):
        keys.check()
        keys.keep("old")
        keys.keep(TOKEN)
        assert keys.read() == TOKEN
    assert [path.name for path in tmp_path.iterdir()] == ["token"]
    if os.name == "posix":
        assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    keys = Keys(HUB, tmp_path, tmp_path / "token")
    keys.keep(TOKEN)
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(KeyProblem, match="chmod 600"):
        keys.read()


def test_a_missing_file_asks_to_sign_in_again(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="Sign in again"):
        Keys(HUB, tmp_path, tmp_path / "token").read()


def test_a_secret_stays_small_enough_for_every_keyring(tmp_path: Path) -> None:
    keyring = Keeping()
    with keyring_is(keyring):
        Keys(HUB, tmp_path).keep(TOKEN)
    ((service, account),) = keyring.kept
    assert service == SERVICE
    assert len(keyring.kept[service, account]) < 1_280
