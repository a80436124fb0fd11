"""What names the output of a stage that has to be found without running it."""

from collections.abc import Mapping

AS_PREPARED = "as prepared"


def of_prepare(cube_digest: str, raw_digest: str, *, as_prepared: bool = False) -> dict[str, str]:
    """The inputs of `stages.prepare`; what was adopted is never taken for what the cube made."""
    inputs = {"cube": cube_digest, "raw": raw_digest}
    return inputs | {"form": AS_PREPARED} if as_prepared else inputs


def of_prepared(cube_digest: str, prepared_output: str) -> dict[str, str]:
    """The inputs of `stages.sanity_check` and `stages.statistics`, and with a model's cube of `stages.infer`."""
    return {"cube": cube_digest, "prepared": prepared_output}


def of_partial(inputs: Mapping[str, str], execution_id: int) -> dict[str, str | int]:
    """What names the predictions of a model that failed: those of one execution, and never the whole ones."""
    return {**inputs, "partial": execution_id}
