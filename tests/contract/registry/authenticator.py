"""An authenticator app, as somebody has it on a telephone."""

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from rounds.client.registry import RegistryClient
from tests.contract.registry.serving import Clock
from tests.contract.registry.world import World

STEP_S = 30


@dataclass(frozen=True)
class Authenticator:
    """Shows the codes of one second factor by the registry's clock."""

    secret: str
    clock: Clock

    def code(self) -> str:
        """The code of this moment."""
        return pyotp.TOTP(self.secret).at(self.clock.now)

    def wrong_code(self) -> str:
        """A code that is none of this moment's, nor of those around it."""
        now = self.clock.now
        around = range(-2 * STEP_S, 3 * STEP_S, STEP_S)
        near = {pyotp.TOTP(self.secret).at(now + timedelta(seconds=later)) for later in around}
        return next(code for code in map("{:06}".format, range(6)) if code not in near)

    def next_code(self) -> str:
        """The code of the next half minute, to which the clock is turned."""
        self.clock.advance(STEP_S)
        return self.code()


def enrol(world: World, who: RegistryClient) -> Authenticator:
    """The authenticator of somebody who has put their second factor in force; all their sessions ended."""
    authenticator = Authenticator(who.offer_second_factor().secret, world.served.clock)
    who.confirm_second_factor(authenticator.code())
    return authenticator
