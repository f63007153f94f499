"""The rules of the county as a Word file, to be read through, commented on and signed: what the page says, line for line (issue 5)."""

from collections.abc import Iterable
from datetime import date

from config.templatetags.frame import document_date
from documents.word.layout import Line, written

from .rules_in_words import ADVICE, TITLE, RuleGroup, RuleInWords


def rules_document(groups: Iterable[RuleGroup], on: date) -> bytes:
    lines: list[Line] = [("title", TITLE), ("number", f"{document_date(on)}执行"), ("entry", ADVICE)]
    for group in groups:
        lines.append(("part", group.department))
        for rule in group.rules:
            lines += _rule(rule)
    return written(lines, title=TITLE, is_narrow=True, is_numbered=True)


def _rule(rule: RuleInWords) -> list[Line]:
    version, origin = rule.version, "，".join(part for part in (rule.mark.word, rule.mark.reference) if part)
    return [
        ("item", f"{rule.program.code}　{rule.program.seed_name}"),
        *(("entry", f"{place}. {line}") for place, line in enumerate(rule.lines, 1)),
        *(("remark", f"参数标准：{figure}") for figure in rule.figures),
        ("remark", f"来源：{origin}；第{version.number}版，{document_date(version.valid_from)}起"),
    ]
