"""Engines that run a cube's task to its end: process, docker, and the fake that ships for tests.

Each is a `base.Runner`. A runner gets an `Invocation` and returns a `Finished`; it decides nothing about
data and never reads an output.
"""
