"""Ingest: staged tables → fact rows in one commit: keys, splits, repeats, snapshots, retractions."""

from rollforward.ingest.linking import link, unlink
from rollforward.ingest.report import EndedItem, FileReport, ImportOptions, ImportReport, ProblemGroup
from rollforward.ingest.run import import_files, retract

__all__ = [
    "EndedItem",
    "FileReport",
    "ImportOptions",
    "ImportReport",
    "ProblemGroup",
    "import_files",
    "link",
    "retract",
    "unlink",
]
