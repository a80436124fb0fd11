"""A preparation in several steps: case by case, each step published by what decides it, people's work among them.

Uses the workspace, `rounds.calls` and the cube's document; `rounds.stages` calls it, and nothing else of the
stages is known here. What names a case (files, notes, the snapshot of progress) stays in the workspace.
"""
