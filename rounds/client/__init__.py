"""The registry as seen from outside: one method a route, our records in and out, our errors raised.

`registry.RegistryClient` is the whole of it. Takes from a site nothing but what the gate released.
"""
