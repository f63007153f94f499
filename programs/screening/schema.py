"""The words of the rule language and the shape of a stored rule, as JSON Schema: what it does not know is refused."""

from enum import StrEnum
from typing import Any

LANGUAGE = 1


class Op(StrEnum):
    """How a fact is compared. Which operators a type of fact takes stands in `OPERATORS`."""

    IS = "is"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    EQ = "eq"
    BEFORE = "before"
    AFTER = "after"
    IN = "in"
    NOT_IN = "not_in"
    KNOWN = "known"


class Group(StrEnum):
    """Of whom a scope speaks: counted living members of the household, or the beneficiary's kin among them (GB/T 4761)."""

    MEMBER = "member"
    PARENT = "parent"
    CHILD = "child"
    SPOUSE = "spouse"


_NUMBERS = (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.KNOWN)
OPERATORS: dict[str, tuple[Op, ...]] = {
    "yes_no": (Op.IS,),
    "number": _NUMBERS,
    "money": _NUMBERS,
    "date": (Op.BEFORE, Op.AFTER, Op.KNOWN),
    "code": (Op.IN, Op.NOT_IN, Op.KNOWN),
    "text": (Op.KNOWN,),
}
SCOPES = ("beneficiary", *(f"{quantifier}_{group}" for group in Group for quantifier in ("any", "all")))

_KEY = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"}
_NUMBER = {"type": "string", "pattern": r"^-?\d{1,10}(\.\d{1,4})?$"}
_CODES = {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}$"}, "uniqueItems": True, "maxItems": 20}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["language"],
    "properties": {
        "language": {"const": LANGUAGE},
        "eligible": {"$ref": "#/$defs/node"},
        "likely": {"$ref": "#/$defs/node"},
        "anyone": {"type": "string", "minLength": 1, "maxLength": 100},
        "requires": _CODES,
        "excludes": _CODES,
        "for_the_dead": {"type": "boolean"},
    },
    "additionalProperties": False,
    "oneOf": [{"required": ["eligible"]}, {"required": ["anyone"]}],
    "$defs": {
        "scope": {"enum": list(SCOPES)},
        "label": {"type": "string", "minLength": 1, "maxLength": 60},
        "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 1, "maxItems": 30},
        "node": {
            "type": "object",
            "oneOf": [{"required": [kind]} for kind in ("all", "any", "not", "fact")],
            "if": {"required": ["fact"]},
            "then": {"$ref": "#/$defs/condition"},
            "else": {"$ref": "#/$defs/group"},
        },
        "group": {
            "properties": {
                "all": {"$ref": "#/$defs/nodes"},
                "any": {"$ref": "#/$defs/nodes"},
                "not": {"$ref": "#/$defs/node"},
                "scope": {"$ref": "#/$defs/scope"},
                "label": {"$ref": "#/$defs/label"},
            },
            "additionalProperties": False,
        },
        "condition": {
            "required": ["fact", "op"],
            "properties": {
                "scope": {"$ref": "#/$defs/scope"},
                "fact": _KEY,
                "op": {"enum": [op.value for op in Op]},
                "value": {"$ref": "#/$defs/value"},
            },
            "additionalProperties": False,
        },
        "parameter": {
            "required": ["parameter"],
            "properties": {
                "parameter": _KEY,
                "part": _KEY,
                "by": _KEY,
                "keys": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 40}, "maxProperties": 20},
                "factor": {"anyOf": [_NUMBER, {"$ref": "#/$defs/parameter"}]},
            },
            "additionalProperties": False,
            "type": "object",
        },
        "fact_value": {
            "required": ["fact"],
            "properties": {"fact": _KEY, "factor": {"anyOf": [_NUMBER, {"$ref": "#/$defs/parameter"}]}},
            "additionalProperties": False,
            "type": "object",
        },
        "value": {
            "anyOf": [
                {"type": "boolean"},
                {"type": "string", "minLength": 1, "maxLength": 40},
                {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 40}, "minItems": 1, "uniqueItems": True},
                {"$ref": "#/$defs/parameter"},
                {"$ref": "#/$defs/fact_value"},
            ]
        },
    },
}
