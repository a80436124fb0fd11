"""Prefect's thin view of `rounds`: each task is a decorator, the guard, and one call.

May import prefect and rounds. Prefect's server may be off site, so nothing but site-safe text may get
into a state: no result is persisted, nothing is cached by Prefect, every body runs inside `guard.site_safe`.
"""
