"""Local passwords: what is stored in their place, and whether a given one fits."""

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

from rounds.errors import InvalidInput

# OWASP Password Storage Cheat Sheet, "Argon2id": 19 MiB of memory, 2 iterations, 1 degree of parallelism.
MEMORY_KIB: Final = 19 * 1024
ITERATIONS: Final = 2
LANES: Final = 1
# NIST SP 800-63B, section 5.1.1.2: length and a list of known words, no rules of composition.
SHORTEST: Final = 12
LONGEST: Final = 256
# Normalising may shorten; beyond this nothing is normalised, since the work grows with the square.
LONGEST_TYPED: Final = 4 * LONGEST
AT_ONCE: Final = 2
COMMON: Final = frozenset(
    {
        "000000000000",
        "0123456789ab",
        "0987654321qwe",
        "111111222222",
        "112233445566",
        "121212121212",
        "123123123123",
        "123321123321",
        "123456123456",
        "123456654321",
        "1234567890ab",
        "1234567890abc",
        "1234567890qwe",
        "123456789012",
        "1234567890123",
        "123456789abc",
        "123456789qwe",
        "123qwe123qwe",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "abc123abc123",
        "abcabcabcabc",
        "abcdefghijkl",
        "administrator",
        "adminadminadmin",
        "changeme1234",
        "changemechangeme",
        "correct horse battery staple",
        "correcthorsebatterystaple",
        "iloveyou1234",
        "letmeinletmein",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "q1w2e3r4t5y6",
        "qazwsxedcrfv",
        "qwerty123456",
        "qwertyqwerty",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopasdf",
        "roundsrounds",
        "welcome12345",
        "welcomewelcome",
    }
)

_HASHER = PasswordHasher(
    time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID
)
# The hash of 32 random bytes that nobody kept: an account that does not exist costs as much to check.
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$zTDGDy462SYTv8tgKiehsg$Toda5EDj4iT8jyqPKWzJnDucPgKuh9PqNDT3TZ79/8g"
_turns = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """What the database holds in place of a password that `check_strength` has let pass."""
    with _turns:
        return _HASHER.hash(_normal(password))


def check_password(stored: str | None, given: str) -> bool:
    """Whether `given` is the password of which `stored` is the hash.

    Without an account (`stored` is None) the answer is no, and takes as long. A stored hash that cannot
    be read fits nothing.
    """
    known = stored is not None and len(given) <= LONGEST_TYPED
    against = stored if stored is not None and known else _NOBODY
    with _turns:
        return _fits(against, given[:LONGEST_TYPED]) and known


def check_strength(password: str) -> None:
    """Pass if somebody may choose this password.

    Raises:
        InvalidInput: It is shorter than 12 characters or longer than 256, repeats one character, is known
            to everybody who guesses, or holds half of a character.
    """
    chosen = _normal(password) if len(password) <= LONGEST_TYPED else password
    if len(chosen) < SHORTEST:
        raise InvalidInput(f"found too short a password, needed at least {SHORTEST} characters")
    if len(chosen) > LONGEST:
        raise InvalidInput(f"found too long a password, needed at most {LONGEST} characters")
    if len(set(chosen)) == 1:
        raise InvalidInput("found a password of one repeated character, needed more than that")
    if chosen.casefold() in COMMON:
        raise InvalidInput("found a password that is guessed first, needed one of your own")
    if any(unicodedata.category(character) == "Cs" for character in chosen):
        raise InvalidInput("found half a character in the password, needed whole ones")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _fits(stored: str, given: str) -> bool:
    try:
        return _HASHER.verify(stored, _normal(given))
    except (VerificationError, ValueError):
        return False
