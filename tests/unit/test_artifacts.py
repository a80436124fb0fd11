"""What is handed from task to task is printed safely and cannot be changed."""

import dataclasses
from pathlib import Path

import pytest

from rounds import artifacts
from rounds.artifacts import (
    Metrics,
    Predictions,
    PreparedDataset,
    Published,
    RawDataset,
    ReleasedMetrics,
    ReleaseDraft,
    ReleasedStatistics,
    Statistics,
)
from rounds.records.executions import Receipt

AT_HOME = (RawDataset, PreparedDataset, Statistics, Predictions, Metrics, ReleaseDraft)
CLEARED = (ReleasedMetrics, ReleasedStatistics)


class TestArtifacts:
    @pytest.mark.parametrize("kind", [*AT_HOME, *CLEARED])
    def test_are_frozen(self, kind: type) -> None:
        """No field of a data item can be set after it was made."""
        item: object = object.__new__(kind)
        name = dataclasses.fields(kind)[0].name

        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field"):
            setattr(item, name, "0" * 64)

    @pytest.mark.parametrize("kind", AT_HOME)
    def test_hold_ids_and_digests_only(self, kind: type) -> None:
        """What stays home holds numbers, digests and a flag: no path and no data, so its repr is safe."""
        fields = {field.name: field.type for field in dataclasses.fields(kind)}

        assert set(fields.values()) <= {int, str, bool}
        assert set(fields) <= {
            "dataset_id",
            "model_id",
            "subject_id",
            "digest",
            "sha256",
            "key",
            "output",
            "partial",
        }

    def test_are_told_apart_by_type(self) -> None:
        """Equal digests do not make predictions metrics: the type says how far an item has come."""
        predictions: Published = Predictions(key="1", output="2", model_id=3)
        metrics: Published = Metrics(key="1", output="2", model_id=3)

        same = predictions == metrics

        assert not same

    def test_say_under_which_approval_they_were_cleared(self) -> None:
        """Both cleared types name the bytes and the approval."""
        names = [{field.name for field in dataclasses.fields(kind)} for kind in CLEARED]

        assert all({"sha256", "approval_id"} <= fields for fields in names)

    def test_end_in_a_receipt(self) -> None:
        """A receipt repeats the sha256 of what was submitted, and nothing of its content."""
        fields = set(Receipt.model_fields)

        assert fields == {"execution_id", "sha256", "received_at"}

    def test_draw_the_one_way(self) -> None:
        """The module's docstring names each type of the way in its order."""
        text = Path(artifacts.__file__).read_text(encoding="utf-8").split('"""')[1]

        places = [text.index(kind.__name__) for kind in (*AT_HOME[:2], *AT_HOME[3:], CLEARED[0])]

        assert places == sorted(places)
