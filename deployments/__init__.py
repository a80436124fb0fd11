"""How Rounds is put up: work pools, images, and everything on one machine for the demo.

May import flows and below. Processes are started from lists of arguments; secrets go into 0600 files,
never into arguments or a server.
"""
