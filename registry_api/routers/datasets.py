"""/datasets."""

from fastapi import APIRouter

from registry_api.deps import Id, IdFilter, TheCall, TheWindow
from registry_api.services import datasets
from rounds.records.base import Page
from rounds.records.datasets import Dataset, DatasetIn, Preparation

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.post("", status_code=201)
def register(body: DatasetIn, call: TheCall) -> Dataset:
    """A new dataset, in DEVELOPMENT."""
    with call.writing() as (session, who):
        return datasets.register(session, who, body)


@router.get("")
def list_datasets(
    call: TheCall, window: TheWindow, benchmark_id: IdFilter = None, site: str | None = None
) -> Page[Dataset]:
    """The datasets that one may know of, or those of a benchmark or a site."""
    with call.reading() as (session, who):
        return datasets.list_datasets(session, who, window, benchmark_id=benchmark_id, site=site)


@router.get("/{dataset_id}")
def read(dataset_id: Id, call: TheCall) -> Dataset:
    """One dataset."""
    with call.reading() as (session, who):
        return datasets.as_dataset(datasets.find(session, who, dataset_id))


@router.post("/{dataset_id}/preparation")
def finish_preparation(dataset_id: Id, body: Preparation, call: TheCall) -> Dataset:
    """The dataset, in OPERATION with its released statistics."""
    with call.writing() as (session, who):
        return datasets.finish_preparation(session, who, dataset_id, body)
