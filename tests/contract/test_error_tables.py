"""Both tables, exit codes and HTTP statuses, know every error of the tree."""

from http import HTTPStatus

import pytest

from cli.main import EXIT_CODES, exit_code
from registry_api.problems import STATUS_OF
from rounds import errors
from rounds.client.connection import ERROR_OF_CODE, ERROR_OF_STATUS
from rounds.errors import Code, RegistryError, RoundsError


def tree(root: type[RoundsError] = RoundsError) -> list[type[RoundsError]]:
    """A class and all below it."""
    return [root, *(kind for child in root.__subclasses__() for kind in tree(child))]


OURS = [kind for kind in tree() if kind.__module__ == errors.__name__]
TOLD_BY_SILENCE = (RegistryError, errors.Unreachable)
ANSWERED = [kind for kind in tree(RegistryError) if kind not in TOLD_BY_SILENCE]
RAISED = [kind for kind in OURS if kind is not RoundsError]


class TestTree:
    def test_is_in_one_file(self) -> None:
        """No other module adds an error that the tables might not know."""
        elsewhere = {kind.__module__ for kind in tree()} - {errors.__name__}

        assert elsewhere == set()

    @pytest.mark.parametrize("kind", OURS)
    def test_is_drawn(self, kind: type[RoundsError]) -> None:
        """The docstring's picture names every class."""
        assert kind.__name__ in (errors.__doc__ or "")

    @pytest.mark.parametrize("kind", RAISED)
    def test_has_a_code_for_each(self, kind: type[RoundsError]) -> None:
        """Every class has its own code, and takes a finer one."""
        plain, finer = kind("found, needed"), kind("found, needed", code=Code.CUBE_TIMEOUT)

        assert plain.code is kind.default_code is not Code.UNEXPECTED
        assert finer.code is Code.CUBE_TIMEOUT

    def test_keeps_the_detail_out_of_its_text(self) -> None:
        """Whoever prints an error prints its summary only."""
        error = RoundsError("found, needed", detail="p-1 is Anna Mueller")

        assert "Anna" not in f"{error} {error!r} {error.args}"


class TestExitCodes:
    @pytest.mark.parametrize("kind", RAISED)
    def test_cover_the_tree(self, kind: type[RoundsError]) -> None:
        """Every error has a code of its own branch, never that of a fault of ours or of the command line."""
        code = exit_code(kind("found, needed"))

        assert code in EXIT_CODES.values()
        assert code not in (0, 1, 2)

    def test_tell_the_branches_apart(self) -> None:
        """No two entries of the table share a code."""
        codes = list(EXIT_CODES.values())

        assert len(set(codes)) == len(codes)

    def test_of_the_base_is_a_fault_of_ours(self) -> None:
        """An error of no branch ends with 1."""
        code = exit_code(RoundsError("found, needed"))

        assert code == 1


class TestStatuses:
    @pytest.mark.parametrize("kind", OURS)
    def test_cover_the_tree(self, kind: type[RoundsError]) -> None:
        """Every error has a status of an error, by its very class."""
        status = STATUS_OF[kind]

        assert status >= HTTPStatus.BAD_REQUEST

    @pytest.mark.parametrize("kind", ANSWERED)
    def test_come_back_as_the_same_error(self, kind: type[RoundsError]) -> None:
        """What the registry refuses is raised again in the client as the same class."""
        by_code = ERROR_OF_CODE[kind.default_code]
        by_status = ERROR_OF_STATUS[STATUS_OF[kind]]

        assert (by_code, by_status) == (kind, kind)
