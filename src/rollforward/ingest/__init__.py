"""Ingest: staged tables → fact rows in one commit: keys, splits, repeats, snapshots, retractions."""

from rollforward.ingest.linking import link, unlink
from rollforward.ingest.report import EndedItem, FileReport, ImportOptions, ImportReport
from rollforward.ingest.run import import_files, retract

__all__ = ["EndedItem", "FileReport", "ImportOptions", "ImportReport", "import_files", "link", "retract", "unlink"]
