"""The registry service: who may do what, what was decided, what was released. Never sees a patient's value.

`routers` parse and authorise, `services` decide, query and return, `models` holds the tables, `outbox`
tells Prefect. May import rounds' errors, digests, records, cubes, transitions and aggregation; never its
runners, stages or workspace, nor prefect. A request is one transaction, committed before its answer.
"""
