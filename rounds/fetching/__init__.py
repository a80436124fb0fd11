"""What a site fetches, it fetches by its rules: from listed hosts, never from private addresses.

`fetcher.Fetcher` is the door: bounded, resumable, checked, published by one rename. `addresses` decides
without touching the network, `connections` is the only file that does. Nothing is sent but the address
asked for; what comes in is believed only after its digest. May import site_profiles, errors, digests,
workspace and secret_files; knows nothing of cubes and engines.
"""
