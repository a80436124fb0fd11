"""A password is stored as argon2id, and a wrong guess learns nothing about who has an account."""

import threading
import time

import pytest
from argon2 import extract_parameters

from registry_api.credentials import passwords
from registry_api.credentials.passwords import (
    check_password,
    check_strength,
    hash_password,
)
from rounds.errors import InvalidInput

GOOD = "a ward round at dawn"


@pytest.fixture(scope="module")
def stored() -> str:
    """The hash of the good password."""
    return hash_password(GOOD)


def cpu_s(stored: str | None, given: str) -> float:
    """The least processor time that one of five checks took."""
    spent = []
    for _ in range(5):
        before = time.process_time()
        check_password(stored, given)
        spent.append(time.process_time() - before)
    return min(spent)


class TestHashPassword:
    def test_spends_what_owasp_asks_for(self, stored: str) -> None:
        """The hash is argon2id with 19 MiB, two iterations and one lane."""
        found = extract_parameters(stored)

        assert stored.startswith("$argon2id$")
        assert (found.memory_cost, found.time_cost, found.parallelism) == (19 * 1024, 2, 1)

    def test_salts(self, stored: str) -> None:
        """Two hashes of one password differ."""
        assert hash_password(GOOD) != stored


class TestCheckPassword:
    def test_knows_the_password(self, stored: str) -> None:
        """The password fits its hash, and one that differs by a letter's case does not."""
        answers = [check_password(stored, given) for given in (GOOD, GOOD.title(), "")]

        assert answers == [True, False, False]

    def test_takes_one_spelling_for_another(self) -> None:
        """A password typed on another keyboard, composed or decomposed, wide or narrow, is the same one."""
        stored = hash_password("Ärzte auf Visite")

        answers = [
            check_password(stored, "A\u0308rzte auf Visite"),
            check_password(stored, "Ärzte auf \uff36isite"),
        ]

        assert answers == [True, True]

    def test_costs_as_much_without_an_account(self, stored: str) -> None:
        """An unknown account is checked for as long as a known one, so that the time tells nothing."""
        known, unknown = cpu_s(stored, "a wrong guess"), cpu_s(None, "a wrong guess")

        assert 0.5 < unknown / known < 2

    def test_costs_as_much_whatever_was_typed(self, stored: str) -> None:
        """Text that is too long for any password costs what a wrong password does, and not its own length."""
        known, long = cpu_s(stored, "a wrong guess"), cpu_s(stored, "\u0301" * 10_000_000)

        assert 0.5 < long / known < 2

    def test_never_lets_in_without_an_account(
        self, stored: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The hash that stands in for an unknown account opens nothing, even to who knows its password."""
        monkeypatch.setattr(passwords, "_NOBODY", stored)

        assert not check_password(None, GOOD)

    def test_stands_in_with_a_hash_like_any_other(self) -> None:
        """The hash that stands in for an unknown account is made as all are, and so takes as long."""
        assert extract_parameters(passwords._NOBODY) == extract_parameters(hash_password(GOOD))

    def test_lets_in_nobody_who_types_too_much(self) -> None:
        """What is cut off is not forgotten: a long text that begins as the password is another one."""
        stored = hash_password("x" * passwords.LONGEST_TYPED)

        fits = check_password(stored, "x" * passwords.LONGEST_TYPED + "y")

        assert not fits

    @pytest.mark.parametrize(
        "broken",
        [
            "",
            "plain",
            "$argon2id$",
            "$argon2id$v=19$m=19456,t=2,p=1$abc$def",
            "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc29tZXNhbHRz",
            "$2b$12$abcdefghijklmnopqrstuv",
            "naïve",
            "nul\0nul",
        ],
    )
    def test_takes_a_broken_hash_for_no_match(self, broken: str) -> None:
        """A stored hash that cannot be read fits nothing, and raises nothing."""
        assert not check_password(broken, GOOD)

    def test_takes_half_a_character_for_no_match(self, stored: str) -> None:
        """What cannot be written as UTF-8 fits nothing."""
        assert not check_password(stored, "\ud800" * 12)

    def test_runs_two_at_once(self, stored: str) -> None:
        """A third check waits for its turn, which bounds the memory of a process."""
        answers: list[bool] = []
        third = threading.Thread(target=lambda: answers.append(check_password(stored, GOOD)))

        with passwords._turns, passwords._turns:
            free = passwords._turns.acquire(blocking=False)
            third.start()
            third.join(0.3)
            early = list(answers)
        third.join(20)

        assert (free, early, answers) == (False, [], [True])


class TestCheckStrength:
    @pytest.mark.parametrize("chosen", [GOOD, "abcdefghijk1", "twelve chars", "ä" * 255 + "b"])
    def test_lets_long_ones_pass(self, chosen: str) -> None:
        """Length is enough: no digit, capital or sign is asked for."""
        check_strength(chosen)

    @pytest.mark.parametrize(
        ("chosen", "said"),
        [
            ("eleven char", "too short a password, needed at least 12"),
            ("", "too short"),
            ("a\u0308" * 11, "too short"),
            ("long" * 64 + "r", "too long a password, needed at most 256"),
            ("\ufdfa" * 20, "too long"),
            ("long" * 1_000_000, "too long"),
            ("zzzzzzzzzzzz", "one repeated character"),
            ("passwordpassword", "guessed first"),
            ("PasswordPassword", "guessed first"),
            ("\uff51\uff57\uff45\uff52\uff54\uff59123456", "guessed first"),
            ("half a character: \ud800", "half a character"),
        ],
    )
    def test_refuses_weak_ones(self, chosen: str, said: str) -> None:
        """What is short, boundless, one key held down or on everybody's list is refused, and why is told."""
        with pytest.raises(InvalidInput, match=said):
            check_strength(chosen)

    def test_tells_nothing_of_the_password(self) -> None:
        """The message says what was needed and repeats nothing that was typed."""
        with pytest.raises(InvalidInput, match="too short") as refused:
            check_strength("hunter2")

        assert "hunter2" not in refused.value.summary + refused.value.detail

    def test_lists_only_what_is_long_enough(self) -> None:
        """The list is kept as it is compared, and holds nothing that its length already refuses."""
        assert {word for word in passwords.COMMON if len(word) < 12 or word != word.casefold()} == (
            set()
        )
