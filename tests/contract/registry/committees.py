"""A committee that is an organisation, with something that waits for its decision."""

from rounds.records.approvals import Approval
from tests.contract.registry.builders import make_cube
from tests.contract.registry.world import World


def model_waits(world: World, organisation_id: int) -> Approval:
    """What the deciders of the committee's organisation are asked: whether the modeller's model may join."""
    benchmark = world.approved_benchmark(organisation_id=organisation_id)
    modeller = world.person("modeller")
    cube = modeller.register_cube(make_cube("candidate"))
    association = modeller.associate(world.wish(benchmark, model_id=cube.id))
    return modeller.approval(association.approval_id)
