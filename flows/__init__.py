"""What happens in which order: one flow a file, named as the file.

May import prefect, tasks and rounds. Flow parameters are ids, checked before a run is made. A flow body
holds task calls, branches and an artifact; everything it does can be done twice, since a resume or a
restart runs it from the top.
"""
