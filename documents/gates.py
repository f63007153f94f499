"""Whose papers may somebody read? Asked of the room that knows the subject, since this floor knows nobody above it.

An upper room registers, in AppConfig.ready, a predicate for each of its subject labels:

    gates.register("intake.application", lambda post, pk: Application.objects.visible_to(post).filter(pk=pk).exists())

A room above that room may let further posts in, for subjects it passes on (`widen`): a department reads the papers that its referral
asks for. A file that was voided is passed on no longer: it may be another family's.

Closed by default: papers of a subject that no room speaks for do not exist for anybody (404). Jobs read all, to sweep and to verify.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.http import Http404

from organization.models import Post

from .models import Attachment, IssuedDocument

MayRead = Callable[[Post, str], bool]
_MAY_READ: dict[str, MayRead] = {}
_MAY_ALSO_READ: dict[str, MayRead] = {}
P = TypeVar("P", Attachment, IssuedDocument)


def register(label: str, may_read: MayRead) -> None:
    """`label` is the subject's `app.model` in lower case; `may_read(post, subject_id)` answers with one query.

    Raises:
        ValueError: another room has already spoken for the label.
    """
    if _MAY_READ.get(label, may_read) is not may_read:
        raise ValueError(f"the papers of {label} have a gate already")
    _MAY_READ[label] = may_read


def widen(label: str, may_read: MayRead) -> None:
    """Who else reads papers of another room's subject, asked after that room has said no.

    Raises:
        ValueError: a third room has widened it already.
    """
    if _MAY_ALSO_READ.get(label, may_read) is not may_read:
        raise ValueError(f"the papers of {label} are passed on already")
    _MAY_ALSO_READ[label] = may_read


def may_read(post: Post | None, paper: Attachment | IssuedDocument) -> bool:
    if post is None:
        return False
    if post.unit.kind == "system":
        return True
    is_passed_on = not (isinstance(paper, Attachment) and paper.is_voided)
    predicates = [_MAY_READ.get(paper.subject_label), _MAY_ALSO_READ.get(paper.subject_label) if is_passed_on else None]
    return any(predicate is not None and predicate(post, paper.subject_id) for predicate in predicates)


def fetch(model: type[P], pk: Any, post: Post | None) -> P:
    """The row, when the subject's room lets `post` read its papers.

    Raises:
        Http404: there is none, or it does not exist for `post`.
    """
    try:
        paper = model._base_manager.filter(pk=pk).first()
    except (ValidationError, ValueError, TypeError):
        paper = None
    if paper is None or not may_read(post, paper):
        raise Http404("没有找到，或不在您的权限范围内。")
    return paper
