"""A preparator that never ends, and takes no heed of being asked to."""

import signal
import sys

signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdout.write("asleep\n")
sys.stdout.flush()
while True:
    signal.pause()
