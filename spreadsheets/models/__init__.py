from .batch import Batch, Mapping, Upload
from .staged import Effect, StagedRow

__all__ = ["Batch", "Effect", "Mapping", "StagedRow", "Upload"]
