from .batch import Batch, Mapping, Upload
from .export import Export
from .report import ReportApproval, SuperiorForm
from .staged import Effect, StagedRow

__all__ = ["Batch", "Effect", "Export", "Mapping", "ReportApproval", "StagedRow", "SuperiorForm", "Upload"]
