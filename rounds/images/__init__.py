"""Images at a site that pulls nothing: read without an engine, kept by digest, handed to Docker verified.

`archives` reads what strangers packed; `store` is the site's shelf of them; `docker_images` the only file
that speaks to the daemon. An image is named by the sha256 of its config, as Docker names it, which names
its layers in turn. May import fetching, errors and digests; knows nothing of cubes and runs nothing.
"""
