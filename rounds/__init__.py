"""The domain of Rounds: what a data item is, where it may go, and the adapters it needs.

May import cube_specs and site_profiles. Never imports prefect, fastapi, sqlmodel or typer: cancellation,
progress and run ids come in as plain values, so every stage runs in a notebook and in a test as it does
in a flow. What may leave a site is decided in `egress` and nowhere else.
"""
