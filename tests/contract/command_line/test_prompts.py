"""What is asked of a person, and what counts as their yes."""

import json
from pathlib import Path

import pytest

from rounds.secret_files import write_secret
from tests.contract.command_line.screen import before_screen
from tests.contract.command_line.showing import MODULE, Trial, piped, write_trials

PASSWORD = "between us, twelve words"


class TestAgree:
    @pytest.mark.parametrize(
        ("answer", "agreed"),
        [
            ("y", True),
            ("YES", True),
            ("", False),
            ("n", False),
            ("maybe", False),
            ("yesterday", False),
        ],
    )
    def test_takes_nothing_but_yes_for_yes(self, answer: str, agreed: bool) -> None:  # noqa: FBT001
        """Enter, and whatever is not yes, is no."""
        with before_screen("-m", MODULE, "agree", "Send it?") as screen:
            screen.wait_for("Send it? [y/N] ")
            screen.write(f"{answer}\n")

            status = screen.end()

        assert status == 0
        assert screen.shown.endswith(f"\nagreed: {agreed}\n")

    def test_takes_ctrl_c_for_no(self) -> None:
        """Who interrupts the question has not agreed, and is told so on a line of its own."""
        with before_screen("-m", MODULE, "agree", "Send it?") as screen:
            screen.wait_for("[y/N] ")
            screen.interrupt()

            screen.end()

        assert screen.shown == "Send it? [y/N] \nagreed: False\n"

    def test_takes_the_end_of_input_for_no(self) -> None:
        """A script that answers nothing has not agreed; the question is not among its output."""
        ended = piped("agree", "Send it?")

        assert (ended.stdout, ended.stderr) == ("agreed: False\n", "Send it? [y/N] \n")

    def test_asks_nothing_after_yes(self) -> None:
        """`--yes` is an answer given before."""
        ended = piped("agree", "Send it?", "--yes")

        assert (ended.stdout, ended.stderr) == ("agreed: True\n", "")

    def test_obeys_no_question(self) -> None:
        """A name in the question cannot write over it."""
        ended = piped("agree", "Send \x1b[2K\rnothing?")

        assert ended.stderr == "Send \\u001b[2K\\rnothing? [y/N] \n"


class TestShowExactly:
    def test_shows_the_document_itself(self, tmp_path: Path) -> None:
        """What is shown reads back as what is sent, keys in order, and leaves stdout alone."""
        trial = Trial(id=7, name="Zoë \x1b[2J\u202e\U000e0041\x7f", score=0.1 + 0.2)

        ended = piped("exactly", write_trials(tmp_path, trial))

        sent = trial.model_dump(mode="json")
        assert json.loads(ended.stderr) == sent
        assert list(json.loads(ended.stderr)) == sorted(sent)
        assert ended.stdout == ""

    def test_shows_nothing_that_a_terminal_obeys(self, tmp_path: Path) -> None:
        """Letters are letters; what would turn text around or move the cursor is JSON's escape."""
        trial = Trial(id=7, name="Zoë \x1b[2J\u202e\U000e0041\x7f")

        ended = piped("exactly", write_trials(tmp_path, trial))

        assert r'  "name": "Zoë \u001b[2J\u202e\udb40\udc41\u007f",' in ended.stderr.splitlines()


class TestSecret:
    def test_is_typed_unseen(self) -> None:
        """What is typed is not shown, and is taken as it was typed."""
        with before_screen("-m", MODULE, "secret") as screen:
            screen.wait_for("Password: ")
            screen.write(f" {PASSWORD}\n")

            screen.end()

        assert screen.shown == f"Password: \nsecret:  {PASSWORD}\n"

    @pytest.mark.parametrize(("second", "status"), [(PASSWORD, 0), ("another", 3), ("", 3)])
    def test_that_is_new_is_typed_twice(self, second: str, status: int) -> None:
        """A slip in a new password would lock its owner out."""
        with before_screen("-m", MODULE, "secret", "--again") as screen:
            screen.wait_for("Password: ")
            screen.write(f"{PASSWORD}\n")
            screen.wait_for("Password, again: ")
            screen.write(f"{second}\n")

            ended = screen.end()

        assert ended == status
        assert ("found two that differ, needed the same twice" in screen.shown) == bool(status)
        assert (PASSWORD in screen.shown) == (status == 0)

    def test_that_is_empty_is_none(self) -> None:
        """Enter alone ends with 3."""
        with before_screen("-m", MODULE, "secret") as screen:
            screen.wait_for("Password: ")
            screen.write("\n")

            status = screen.end()

        assert status == 3
        assert "found nothing given, needed a secret" in screen.shown

    def test_can_be_withheld(self) -> None:
        """Ctrl-C at the prompt is given up: 1, with no secret."""
        with before_screen("-m", MODULE, "secret") as screen:
            screen.wait_for("Password: ")
            screen.interrupt()

            status = screen.end()

        assert status == 1
        assert "secret:" not in screen.shown
        assert "Traceback" not in screen.shown

    def test_is_not_asked_of_a_script(self) -> None:
        """Without a terminal nobody can type unseen: 3, and the option that helps."""
        ended = piped("secret", typed=f"{PASSWORD}\n")

        assert ended.returncode == 3
        assert "found no terminal to ask at, needed one or --password-file" in ended.stderr

    def test_comes_from_a_file_of_ones_own(self, tmp_path: Path) -> None:
        """A 0600 file holds it, whoever runs the command."""
        write_secret(tmp_path / "password", f"{PASSWORD}\n")

        ended = piped("secret", "--password-file", str(tmp_path / "password"))

        assert ended.stdout == f"secret: {PASSWORD}\n"

    def test_in_a_file_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        """A password that others can read is none."""
        write_secret(tmp_path / "password", PASSWORD)
        (tmp_path / "password").chmod(0o640)

        ended = piped("secret", "--password-file", str(tmp_path / "password"))

        assert ended.returncode == 3
        assert "can be read by others, needed mode 0600" in ended.stderr

    @pytest.mark.parametrize(("typed", "status"), [(f"{PASSWORD}\n", 0), (PASSWORD, 0), ("", 3)])
    def test_comes_from_standard_input_if_asked(self, typed: str, status: int) -> None:
        """A password manager may pipe it in; nothing in the pipe is no password."""
        ended = piped("secret", "--password-file", "-", typed=typed)

        assert ended.returncode == status
        assert ended.stdout == (f"secret: {PASSWORD}\n" if status == 0 else "")

    def test_is_asked_for_where_standard_input_is_a_person(self) -> None:
        """`-` at a terminal asks unseen, instead of showing what is typed."""
        with before_screen("-m", MODULE, "secret", "--password-file", "-") as screen:
            screen.wait_for("Password: ")
            screen.write(f"{PASSWORD}\n")

            screen.end()

        assert screen.shown == f"Password: \nsecret: {PASSWORD}\n"
