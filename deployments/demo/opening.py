"""The demo's opening: people, cubes, a benchmark with its test, and three hospitals with their data."""

from pydantic import JsonValue

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from deployments.demo.hospitals import write_demo_dataset, write_export
from deployments.demo.people import PEOPLE, SITES, give_worker_token, sign_in
from deployments.demo.place import CUBES, Place
from deployments.images import build_images, save_image
from rounds.calls import RunContext
from rounds.compatibility import run_compatibility_test
from rounds.cubes import Cube, read_cube, to_record
from rounds.digests import sha256_json
from rounds.enrolment import enrol_dataset
from rounds.records.benchmarks import (
    AssociationIn,
    Audience,
    AutoApproval,
    AutoApprovalMode,
    BenchmarkIn,
    BenchmarkStatus,
    SharingPolicy,
)
from rounds.records.cubes import CubeIn, State
from rounds.records.datasets import Dataset, ReleaseRule
from rounds.runners.choose import runner_for
from rounds.sites import open_site, read_profile
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from site_profiles.models import Engine, Limits, Unsafe

BY_RULE = {"site-c"}


def sign_everyone_in(cast: Cast) -> None:
    """Accounts and tokens: people's can decide, workers' cannot. Who is here already stays."""
    url = cast.stack.registry_url
    for key in PEOPLE.keys() - cast.people.keys():
        cast.people[key] = sign_in(key, cast.place.people, url, admin=cast.admin)
    for site in SITES:
        file = cast.place.site(site) / "worker.token"
        give_worker_token(cast.people[site], file, site=site)
    give_worker_token(cast.people["committee"], cast.place.hub / "worker.token")
    cast.place.write_hub_profile(url)
    cast.display.say("administrator", "invited 6 people; each signed in, 4 gave workers a token")


def read_cubes(engine: Engine, place: Place) -> dict[str, Cube]:
    """The repository's cubes as this engine runs them, for containers from images that are built first.

    Apptainer finds them as archives in the sites' mirror.
    """
    images = {} if engine is Engine.PROCESS else build_images()
    if engine is Engine.APPTAINER:
        for digest in images.values():
            save_image(digest, place.mirror)
    return {name: read_cube(CUBES / name, images.get(name)) for name in plan.OWNERS}


def register_cubes(cast: Cast, cubes: dict[str, Cube], names: list[str]) -> None:
    """Each owner registers their own cubes, by config, parameters and digests."""
    cast.place.fill_mirror()
    for name in names:
        owner = plan.OWNERS[name]
        client = cast.people[owner].client
        found = client.cubes(name=name)
        if not found:
            found = [client.register_cube(_record(cubes[name]))]
            cast.display.say(owner, f"registered the cube {name}")
        cast.cubes[name] = found[0].id


def found_benchmark(cast: Cast, cubes: dict[str, Cube]) -> None:
    """The committee tests and submits the benchmark; the administrator approves it."""
    found = cast.committee.benchmarks(name=plan.NAME)
    if not found:
        cast.display.say("committee", "runs the compatibility test on the demo data")
        wanted = _tested_benchmark(cast, cubes)
        found = [cast.committee.propose_benchmark(wanted)]
        cast.display.say("committee", f"submitted the benchmark '{plan.NAME}'")
    cast.benchmark_id = found[0].id
    cast.wait("the benchmark's approval", lambda: _approved(cast))


def associate_models(cast: Cast, cubes: dict[str, Cube], names: list[str]) -> None:
    """Owners ask for their models to be judged; the committee's rule lets in those of owner-1."""
    for name in names:
        client = cast.people[plan.OWNERS[name]].client
        model_id = cast.cubes[name]
        if not client.associations(benchmark_id=cast.benchmark_id, model_id=model_id):
            report = _run_test(cast, cubes, name)
            wanted = AssociationIn(
                benchmark_id=cast.benchmark_id,
                model_id=model_id,
                test_sha256=sha256_json(report),
            )
            answer = client.associate(wanted)
            cast.display.say(plan.OWNERS[name], f"asked for {name} to be judged: {answer.status}")


def open_hospitals(cast: Cast) -> None:
    """Each hospital exports its data in its own dialect, registers it, and starts its worker."""
    for name in SITES:
        profile = cast.place.write_site_profile(
            name,
            engine=cast.engine,
            registry_url=cast.stack.registry_url,
            benchmarks=(cast.benchmark_id,),
        )
        _register_dataset(cast, name)
        cast.stack.start_worker(name, {"ROUNDS_SITE_PROFILE": str(profile)})
    hub = cast.place.hub / "profile.yaml"
    cast.stack.start_worker("hub", {"ROUNDS_HUB_PROFILE": str(hub)})


def _record(cube: Cube) -> CubeIn:
    sha256 = cube.additional_files_sha256
    url = f"https://models.rounds.example/{sha256}.tar.gz" if sha256 else None
    return to_record(cube, url=url, state=State.OPERATION)


def _run_test(cast: Cast, cubes: dict[str, Cube], model: str) -> dict[str, JsonValue]:
    demo = cast.place.hub / "demo_dataset"
    if not demo.exists():
        write_demo_dataset(demo)
    supplies = Supplies(mirror=cast.place.mirror, cache=cast.place.image_cache)
    context = RunContext(
        workspace=Workspace(cast.place.hub / "compatibility"),
        runner=runner_for(cast.engine, supplies, frozenset({Unsafe.ROOT_DOCKER})),
        limits=Limits(memory_gib=1, timeout_s=120),
        supplies=supplies,
    )
    return run_compatibility_test(
        demo,
        preparator=cubes[plan.PREPARATOR],
        model=cubes[model],
        metrics=cubes[plan.METRICS],
        contract=plan.CONTRACT,
        context=context,
    )


def _tested_benchmark(cast: Cast, cubes: dict[str, Cube]) -> BenchmarkIn:
    report = _run_test(cast, cubes, plan.REFERENCE)
    homes = {key: person.user.organisation_id for key, person in cast.people.items()}
    return BenchmarkIn(
        name=plan.NAME,
        description=plan.DESCRIPTION,
        preparator_id=cast.cubes[plan.PREPARATOR],
        reference_model_id=cast.cubes[plan.REFERENCE],
        metrics_id=cast.cubes[plan.METRICS],
        contract=plan.CONTRACT,
        models=AutoApproval(mode=AutoApprovalMode.ALLOWLIST, allow=(homes["owner-1"],)),
        datasets=AutoApproval(
            mode=AutoApprovalMode.ALLOWLIST,
            allow=(homes["site-a"], homes["site-b"]),
        ),
        sharing=SharingPolicy(per_site=Audience(participants=True)),
        demo_dataset_sha256=str(report["demo_dataset"]),
        compatibility_sha256=sha256_json(report),
        compatibility=report,
        state=State.OPERATION,
    )


def _approved(cast: Cast) -> bool:
    return cast.committee.benchmark(cast.benchmark_id).status is BenchmarkStatus.APPROVED


def _register_dataset(cast: Cast, name: str) -> None:
    client = cast.people[name].client
    found = client.datasets(site=name)
    if not found:
        raw = cast.place.site(name) / "raw"
        write_export(name, raw)
        found = [_submit_dataset(cast, name)]
        cast.display.say(
            name, f"registered dataset {found[0].id}; its data stays in its own folder"
        )
    cast.datasets[name] = found[0].id


def _submit_dataset(cast: Cast, name: str) -> Dataset:
    home = cast.place.site(name)
    return enrol_dataset(
        open_site(read_profile(home / "profile.yaml")),
        cast.people[name].client,
        name=f"Aspirates of {name}",
        location=f"Hospital {name[-1].upper()}",
        benchmark_id=cast.benchmark_id,
        data_path=home / "raw" / "data",
        labels_path=home / "raw" / "labels",
        statistics_release=ReleaseRule.ALWAYS,
        results_release=ReleaseRule.ALWAYS if name in BY_RULE else ReleaseRule.PERSON,
    )
