"""What the registry does, without HTTP: functions that take the session first and who asks second.

They raise the errors of `rounds.errors`, flush and never commit, and never import fastapi. Who may see
what is one `visible_to` a noun; what may not be seen is not found.
"""
