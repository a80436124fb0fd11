"""What crosses between a site and the registry: one frozen model for each body, in both directions.

Numbers are ids. A free value leaves a site only inside `Submission.metrics` and
`Preparation.statistics`, both made from a `Released*`; every other field is an id, a digest, a code
from an enum, or text that a person typed into a registration. Imports pydantic, errors and cube_specs.
"""
