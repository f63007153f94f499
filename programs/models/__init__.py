from .example import RuleExample
from .material import FactKind, Material, MaterialRequirement
from .program import Program
from .sourced import Origin, Sourced
from .track import Stage, Track
from .version import ProgramVersion
from .whole_list import WholeList

__all__ = [
    "FactKind",
    "Material",
    "MaterialRequirement",
    "Origin",
    "Program",
    "ProgramVersion",
    "RuleExample",
    "Sourced",
    "Stage",
    "Track",
    "WholeList",
]
