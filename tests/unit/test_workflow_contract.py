"""A workflow that cannot be walked is refused where it is read, with the step, what was found and what was needed."""

import pytest
from pydantic import JsonValue

from cube_specs.models import ContainerConfig
from rounds.cube_contract import check_contract
from rounds.cubes import Cube, from_record, to_record
from rounds.documents import parse_document
from rounds.errors import SpecError
from tests.unit.workflows import change_step, make_config, make_workflow_cube


def check(config: dict[str, JsonValue]) -> None:
    """Parse a document and hold it to the contract."""
    check_contract(parse_document(ContainerConfig, config, name="it"), name="it")


class TestWorkflow:
    def test_is_taken_as_it_is(self) -> None:
        """The example is sound."""
        check(make_config())

    def test_survives_the_registry(self) -> None:
        """Registered and read again it is the same cube, its further image among its artifacts."""
        cube = make_workflow_cube()

        again = from_record(to_record(cube))

        assert again == cube
        assert isinstance(again, Cube)
        assert "image_outliner" in again.artifacts

    def test_leaves_other_cubes_digests_alone(self) -> None:
        """A document without a workflow is registered as before: no word of it."""
        config = ContainerConfig.model_validate(make_config(workflow=None, images=None))

        assert {"workflow", "images"}.isdisjoint(config.model_dump(exclude_none=True))

    @pytest.mark.parametrize(
        ("number", "change", "says"),
        [
            (0, {"step": "raw"}, r"workflow\.raw: found a name that is taken"),
            (1, {"step": "split"}, r"workflow\.split: found a name that is taken"),
            (1, {"task": "outlien"}, r"found no task 'outlien'.*did you mean 'outline'"),
            (1, {"image": "outlin"}, r"found no image 'outlin'.*did you mean 'outliner'"),
            (1, {"each": "split.case"}, r"each: found no output 'case' of 'split'.*'cases'"),
            (1, {"each": "later.cases"}, r"each: found no earlier step 'later'"),
            (1, {"each": "split.cases/*"}, r"each: found '/\*', needed it only in inputs"),
            (1, {"each": "raw.images"}, r"each: found 'raw.images', needed raw.data_path or"),
            (2, {"each": "outline.mask"}, r"found 'outline', which is for each case"),
            (1, {"inputs": {}}, r"inputs: found nothing for 'scan', needed a source"),
            (1, {"inputs": {"scna": "split.cases/*"}}, r"found 'scna'.*did you mean 'scan'"),
            (1, {"inputs": {"scan": "outline.mask"}}, r"found no earlier step 'outline'"),
            (3, {"inputs": {"masks": "split.cases/*"}}, r"needed it only in inputs of a step"),
            (1, {"next": {"3": "prepare"}}, r"next\.3: found 'prepare', needed a later step"),
            (2, {"task": "outline"}, r"needed no task, image, next or retries where a person"),
            (2, {"inputs": {}}, r"needed inputs: the files that a person works on"),
            (3, {"each": "split.cases"}, r"found 'prepare' as the last step, needed the task"),
            (1, {"next": {"200": "end"}}, r"next"),
            (1, {"parallel": 0}, r"parallel"),
            (1, {"on_eror": "skip"}, r"on_eror.*did you mean 'on_error'"),
        ],
    )
    def test_refuses_what_cannot_be_walked(
        self, number: int, change: dict[str, JsonValue], says: str
    ) -> None:
        """Every step finds its task, its image, and whatever it reads, in a step before it."""
        config = make_config()
        change_step(config, number, **change)

        with pytest.raises(SpecError, match=says):
            check(config)

    def test_refuses_images_that_no_step_can_use(self) -> None:
        """Images without a workflow are a mistake."""
        with pytest.raises(SpecError, match="found images without a workflow"):
            check(make_config(workflow=None))

    def test_refuses_entries_of_a_file(self) -> None:
        """Cases are the entries of a folder."""
        config = make_config()
        tasks = config["tasks"]
        assert isinstance(tasks, dict)
        tasks["split"] = {
            "input_volumes": {"data_path": {"mount_path": "/data", "type": "directory"}},
            "output_volumes": {"cases": {"mount_path": "/out/cases", "type": "file"}},
        }

        with pytest.raises(SpecError, match=r"found a file in 'split\.cases', needed a folder"):
            check(config)
