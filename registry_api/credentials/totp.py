"""One-time codes of an authenticator app: RFC 6238 with its usual 30 s, 6 digits and SHA-1."""

import hmac
from datetime import datetime
from typing import Final

import pyotp

ISSUER: Final = "Rounds"
STEP_S: Final = 30
DIGITS: Final = 6
# RFC 6238, section 5.2: one step either way is allowed for the way and for the clock of a telephone.
DRIFT_STEPS: Final = 1


def new_secret() -> str:
    """A second factor's secret: 160 random bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, *, email: str) -> str:
    """The otpauth address from which an authenticator app takes the secret, such as by a QR code."""
    return _codes(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(secret: str, code: str, at: datetime, *, after: int | None) -> int | None:
    """The time step (Unix time // 30) of which `code` is, or None if there is none that may be used.

    It is at most one step from `at`, and later than `after`, the step last used: store what comes out
    and give it back, so that no code serves twice. Blanks in `code` do not count.
    """
    typed = "".join(code.split())
    if len(typed) != DIGITS or not typed.isascii():
        return None
    codes, now = _codes(secret), int(at.timestamp()) // STEP_S
    nearby = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    # Each is computed and compared, whichever fits. If two fit, the later: both are then used up.
    fitting = [step for step in nearby if hmac.compare_digest(codes.generate_otp(step), typed)]
    return max((step for step in fitting if after is None or step > after), default=None)


def _codes(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
