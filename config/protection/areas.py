"""First digits of ID numbers: enough of GB/T 2260 to warn by, never to refuse: old codes stay valid for life (RULES C4)."""

_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"

# Chongqing since 1997, codes of merged and renamed counties included. What came before (512223 for 忠县) is Sichuan's 51.
_CHONGQING = """
500100 500101 500102 500103 500104 500105 500106 500107 500108 500109 500110 500111 500112 500113 500114 500115 500116 500117 500118
500119 500120 500151 500152 500153 500154 500155 500156 500200 500221 500222 500223 500224 500225 500226 500227 500228 500229 500230
500231 500232 500233 500234 500235 500236 500237 500238 500239 500240 500241 500242 500243 500300 500381 500382 500383 500384
"""
PROVINCES = frozenset(_PROVINCES.split())
CHONGQING = frozenset(_CHONGQING.split())


def is_known_area(code: str) -> bool:
    """Whether a six-digit code is known; outside Chongqing only the province is."""
    return code in CHONGQING if code.startswith("50") else code[:2] in PROVINCES
