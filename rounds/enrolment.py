"""Enrolling a site's dataset: the registry learns a name and a keyed digest, the site keeps the paths."""

from dataclasses import dataclass, field
from pathlib import Path

from rounds import catalogue
from rounds.catalogue import Entry
from rounds.client.registry import RegistryClient
from rounds.digests import keyed
from rounds.records.datasets import Dataset, DatasetIn, ReleaseRule
from rounds.sites import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class RawExport:
    """A raw export on the site's disk: where it lies, and its plain digest. Never leaves the site."""

    data_path: Path = field(repr=False)
    labels_path: Path = field(repr=False)
    digest: str = field(repr=False)


def read_export(data_path: Path, labels_path: Path) -> RawExport:
    """The raw export of two folders, digested.

    Raises:
        IntegrityError: A folder is missing or empty.
    """
    data, labels = data_path.resolve(), labels_path.resolve()
    digest = catalogue.digest_raw(data, labels)
    return RawExport(data_path=data, labels_path=labels, digest=digest)


def enter_dataset(
    site: Site, owner: RegistryClient, wanted: DatasetIn, export: RawExport
) -> Dataset:
    """The dataset, registered as `wanted` and entered in the site's catalogue.

    Args:
        site: Where the data lies.
        owner: The data owner's own sign-in.
        wanted: What the registry learns; its `raw_digest` is the export's, keyed.
        export: What only the catalogue learns.

    Raises:
        RegistryError: The registry refused.
    """
    dataset = owner.register_dataset(wanted)
    entry = Entry(
        dataset_id=dataset.id,
        benchmark_id=dataset.benchmark_id,
        digest=export.digest,
        data_path=export.data_path,
        labels_path=export.labels_path,
        as_prepared=wanted.submitted_as_prepared,
    )
    catalogue.enter(site.workspace, entry)
    return dataset


def enrol_dataset(
    site: Site,
    owner: RegistryClient,
    *,
    name: str,
    location: str,
    benchmark_id: int,
    data_path: Path,
    labels_path: Path,
    description: str = "",
    statistics_release: ReleaseRule = ReleaseRule.PERSON,
    results_release: ReleaseRule = ReleaseRule.PERSON,
) -> Dataset:
    """The registered dataset, entered in the site's catalogue.

    Args:
        site: Where the data lies.
        owner: The data owner's own sign-in.
        name: As others will see it; typed by a person.
        location: As others will see it.
        benchmark_id: The benchmark it is prepared for.
        data_path: Folder of the raw data; only the catalogue learns it.
        labels_path: Folder of the raw labels; only the catalogue learns it.
        description: As others will see it.
        statistics_release: Whether the owner's rule releases statistics.
        results_release: Whether the owner's rule releases results.

    Raises:
        IntegrityError: A folder is missing or empty.
        RegistryError: The registry refused.
    """
    export = read_export(data_path, labels_path)
    wanted = DatasetIn(
        name=name,
        description=description,
        location=location,
        site=site.profile.name,
        benchmark_id=benchmark_id,
        raw_digest=keyed(export.digest, site.key),
        statistics_release=statistics_release,
        results_release=results_release,
    )
    return enter_dataset(site, owner, wanted, export)
