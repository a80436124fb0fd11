"""/datasets."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from registry_api.deps import Id, IdFilter, TheCall, ThePost, TheRevision
from registry_api.routes import PREFIX, routes
from registry_api.services import datasets, preparations
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.cubes import State
from rounds.records.datasets import Dataset, DatasetChange, DatasetIn, Preparation, ProgressIn

router = routes("datasets", prefix=f"{PREFIX}/datasets")
SiteFilter = Annotated[str | None, Field(max_length=40, pattern=r"^[^\x00]*$")]


@router.post("", status_code=201)
def register(body: DatasetIn, call: ThePost) -> Dataset:
    """A new dataset, in DEVELOPMENT."""
    return call.write(datasets.register, body)


class DatasetQuery(ListQuery):
    """Which datasets are wanted."""

    benchmark_id: IdFilter = None
    preparator_id: IdFilter = None
    organisation_id: IdFilter = None
    site: SiteFilter = None
    state: State | None = None
    is_valid: bool | None = None


@router.get("")
def list_datasets(call: TheCall, query: Annotated[DatasetQuery, Query()]) -> Page[Dataset]:
    """The datasets that one may know of: one's own, and those prepared for or joined to one's benchmark."""
    return call.read(datasets.list_datasets, query, wanted=query.columns())


@router.get("/{dataset_id}")
def read(dataset_id: Id, call: TheCall) -> Dataset:
    """One dataset."""
    return call.read(datasets.read, dataset_id)


@router.patch("/{dataset_id}")
def change(dataset_id: Id, body: DatasetChange, call: TheCall, revision: TheRevision) -> Dataset:
    """The dataset, changed; in OPERATION only its owner's rules and its validity may."""
    return call.write(datasets.change, dataset_id, body, revision=revision)


@router.put("/{dataset_id}/progress")
def report_progress(dataset_id: Id, body: ProgressIn, call: TheCall) -> Dataset:
    """The dataset, with how far its preparation has come; percentages only with the owner's consent."""
    return call.write(preparations.report_progress, dataset_id, body)


@router.post("/{dataset_id}/preparation")
def finish_preparation(dataset_id: Id, body: Preparation, call: ThePost) -> Dataset:
    """The dataset, in OPERATION with its released statistics."""
    return call.write(preparations.finish_preparation, dataset_id, body)
