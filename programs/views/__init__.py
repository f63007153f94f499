"""Pages of the catalogue for everybody, and of drafts, rules and worked examples for those who keep them."""

from .catalogue import api_docs, program_detail, program_guide, program_list

__all__ = ["api_docs", "program_detail", "program_guide", "program_list"]
