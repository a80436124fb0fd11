"""Enrolling a site's dataset: the registry learns a name and a keyed digest, the site keeps the paths."""

from pathlib import Path

from rounds import catalogue
from rounds.catalogue import Entry
from rounds.client.registry import RegistryClient
from rounds.digests import keyed
from rounds.records.datasets import Dataset, DatasetIn, ReleaseRule
from rounds.sites import Site


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
    data, labels = data_path.resolve(), labels_path.resolve()
    digest = catalogue.digest_raw(data, labels)
    dataset = owner.register_dataset(
        DatasetIn(
            name=name,
            description=description,
            location=location,
            site=site.profile.name,
            benchmark_id=benchmark_id,
            raw_digest=keyed(digest, site.key),
            statistics_release=statistics_release,
            results_release=results_release,
        )
    )
    entry = Entry(
        dataset_id=dataset.id,
        benchmark_id=benchmark_id,
        digest=digest,
        data_path=data,
        labels_path=labels,
    )
    catalogue.enter(site.workspace, entry)
    return dataset
