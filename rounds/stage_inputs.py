"""What names the output of a stage that has to be found without running it."""


def of_prepare(cube_digest: str, raw_digest: str) -> dict[str, str]:
    """The inputs of `stages.prepare`."""
    return {"cube": cube_digest, "raw": raw_digest}


def of_prepared(cube_digest: str, prepared_output: str) -> dict[str, str]:
    """The inputs of `stages.sanity_check` and `stages.statistics`, and with a model's cube of `stages.infer`."""
    return {"cube": cube_digest, "prepared": prepared_output}
