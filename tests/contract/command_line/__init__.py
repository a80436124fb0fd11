"""The installed command, seen as whoever types it sees it: arguments in, text and exit status out."""
