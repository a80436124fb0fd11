"""Whatever goes wrong inside, only a code and a site-safe sentence come out."""

import asyncio
import io
import traceback
from collections.abc import Callable

import pytest
from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.states import exception_to_failed_state

import tasks.departure
import tasks.evaluation
import tasks.preparation
from rounds.errors import Code, RunnerError, SpecError
from tasks.guard import StageFailed, site_safe, site_task

SECRET = "p-4711-Anna-Mueller"
TASK_MODULES = (tasks.departure, tasks.evaluation, tasks.preparation)
TASKS = [thing for m in TASK_MODULES for thing in vars(m).values() if isinstance(thing, Task)]


def raise_value() -> None:
    """An error of Python's own, with the secret in its text."""
    raise ValueError(SECRET)


def raise_key() -> None:
    """An error that names what was not found."""
    dict[str, int]().pop(SECRET)


def raise_many_arguments() -> None:
    """An error with the secret among its arguments."""
    raise OSError(5, "I/O error", SECRET)


def raise_noted() -> None:
    """An error with the secret in a note."""
    error = RuntimeError("failed")
    error.add_note(SECRET)
    raise error


def raise_group() -> None:
    """Several errors at once."""
    raise ExceptionGroup("failed", [ValueError(SECRET), KeyError(SECRET)])


def raise_ours() -> None:
    """An error of ours, whose detail stays home."""
    raise RunnerError("cube x ended badly, needed 0", detail=SECRET, code=Code.CUBE_FAILED)


def raise_ours_from_another() -> None:
    """An error of ours that says from which other one it came."""
    try:
        raise_value()
    except ValueError as error:
        raise SpecError("found no number, needed one") from error


def raise_ours_during_another() -> None:
    """An error of ours that came while another was handled."""
    try:
        raise_value()
    except ValueError:
        raise SpecError("found no number, needed one")  # noqa: B904  # the point of it


FAULTS = [
    raise_value,
    raise_key,
    raise_many_arguments,
    raise_noted,
    raise_group,
    raise_ours,
    raise_ours_from_another,
    raise_ours_during_another,
]
Fault = Callable[[], None]


def guard(fault: Fault) -> StageFailed:
    """What comes out of the guard in which `fault` happens."""
    with pytest.raises(StageFailed, match=r"^\[") as caught, site_safe():
        fault()
    return caught.value


class TestSiteSafe:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_keeps_the_secret_home(self, site_log: io.StringIO, fault: Fault) -> None:
        """No text that is printed of the failure holds the secret; the site's log does."""
        failed = guard(fault)

        printed = "".join(traceback.format_exception(failed))
        assert SECRET not in f"{failed} {failed!r} {failed.args} {printed}"
        assert failed.__cause__ is None
        assert failed.__suppress_context__
        assert SECRET in site_log.getvalue()

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.usefixtures("site_log")
    def test_keeps_it_out_of_prefects_state(self, fault: Fault) -> None:
        """The state that Prefect would store says the code and the sentence, and no secret."""
        failed = guard(fault)

        state = asyncio.run(exception_to_failed_state(failed))

        assert str(failed) in (state.message or "")
        assert SECRET not in state.model_dump_json(exclude={"data"})

    @pytest.mark.usefixtures("site_log")
    def test_says_the_code_and_the_summary(self) -> None:
        """An error of ours comes out with what may leave of it."""
        failed = guard(raise_ours)

        assert str(failed) == "[cube_failed] cube x ended badly, needed 0"
        assert failed.code is Code.CUBE_FAILED

    @pytest.mark.usefixtures("site_log")
    def test_says_only_the_kind_of_a_foreign_error(self) -> None:
        """Of any other error only its class is told, and where the rest is."""
        failed = guard(raise_key)

        assert str(failed) == "[unexpected] KeyError; the site's log has the rest"
        assert failed.code is Code.UNEXPECTED

    def test_lets_a_failure_through_once_guarded(self, site_log: io.StringIO) -> None:
        """A task's failure passes the flow's guard as it is, and is logged once."""
        first = StageFailed(Code.CUBE_FAILED, "cube x ended badly")

        def fail() -> None:
            raise first

        failed = guard(fail)

        assert failed is first
        assert site_log.getvalue() == ""

    def test_changes_nothing_that_goes_well(self) -> None:
        """A body that ends well ends well."""
        seen = []

        with site_safe():
            seen.append(1)

        assert seen == [1]

    @pytest.mark.parametrize("signal", [KeyboardInterrupt, SystemExit, GeneratorExit])
    def test_stops_no_signal(self, signal: type[BaseException]) -> None:
        """What ends a process, as Prefect's own cancelling and suspending, is none of its business."""
        with pytest.raises(signal, match="now"), site_safe():
            raise signal("now")


class TestSiteTask:
    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.usefixtures("site_log")
    def test_guards_its_body(self, fault: Fault) -> None:
        """A task fails with a `StageFailed`, without any secret."""
        guarded = site_task(fault)

        with pytest.raises(StageFailed, match=r"^\[") as caught:
            guarded.fn()

        assert SECRET not in str(caught.value)

    @pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
    def test_stores_nothing(self, task: Task[..., object]) -> None:
        """No task of ours persists a result, is cached by Prefect, prints to it, or has data in its name."""
        assert task.persist_result is False
        assert task.cache_policy == NO_CACHE
        assert not task.log_prints
        assert task.task_run_name is None

    @pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
    @pytest.mark.usefixtures("site_log")
    def test_is_guarded(self, task: Task[..., object]) -> None:
        """Every task of ours, called wrongly, fails inside its guard."""
        with pytest.raises(StageFailed, match=r"\[unexpected\] TypeError") as caught:
            task.fn(SECRET, **{SECRET: SECRET})

        assert SECRET not in str(caught.value)
