"""A round with what three units owe in it: lists declared by an owner of the tests, files as they stand once they were applied."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from config import clock
from monitoring.models import Delivery, DeliveryItem, Round
from monitoring.round_door import KEY
from monitoring.transitions import deliveries, rounds
from organization.models import Post
from spreadsheets import declaration
from spreadsheets.declaration import Field, Template, Type
from spreadsheets.models import Batch

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEPTEMBER = date(2026, 9, 1)
# Department -> the names of its lists, by family.
LISTS = {"CL": {"households.roll": ("CL01", "CL02"), "households.facts": ("cards",)}, "JW": {"households.roll": ("JW01",)}}
COUNTS = {"new": 3, "changed": 1, "same": 90, "gone": 2}


class Lists:
    """Owner of a family whose lists are named above: nothing is compared or written."""

    def __init__(self, family: str) -> None:
        self.family = family

    def template(self, name: str) -> Template | None:
        return Template(
            key=f"{self.family}:{name}", title=f"{name}名册", fields=(Field("id_number", "身份证号", Type.ID_NUMBER),),
            key_fields=("id_number",), feeds="disabled" if name == "cards" else "",
        )  # fmt: skip

    def listed_for(self, post: Post) -> list[Template]:
        names = LISTS.get(post.unit.department.code, {}) if post.unit.department else {}
        return [template for name in names.get(self.family, ()) if (template := self.template(name))]

    def may_hand_in(self, post: Post, template: Template) -> bool:
        return True


@contextmanager
def declared(monkeypatch: Any) -> Iterator[None]:
    monkeypatch.setattr(declaration, "_owners", {family: Lists(family) for family in ("households.roll", "households.facts")})
    yield


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)


def opened(month: date = SEPTEMBER, *, on: date | None = None) -> Round:
    """The round of departments, opened on its first day."""
    first = on or rounds.planned("monthly", month).opens_on
    with clock.set_clock(at(first.year, first.month, first.day, 0, 5)):
        rounds.open_rounds(by=Post.objects.the_system())
    return Round.objects.get(kind="monthly", month=month)


def delivery_of(row: Round, post: Post) -> Delivery:
    return Delivery.objects.get(round=row, unit=post.unit)


def item_of(delivery: Delivery, key: str) -> DeliveryItem:
    return delivery.items.get(key=key)


def applied(item: DeliveryItem, by: Post, *, counts: dict[str, int] | None = None, standing: int = 93, **changed: Any) -> Batch:
    """A file of the item that was entered, as its door hears of it."""
    batch = entered(a_file(item, by, status="applied", **changed), by)
    batch.counts, batch.standing = counts or COUNTS, standing
    batch.save()
    deliveries.mark_applied(batch=batch, by=by)
    return batch


def entered(batch: Batch, by: Post) -> Batch:
    batch.confirmed_at = batch.applied_at = clock.now()
    batch.confirmed_by = batch.applied_by = by
    batch.confirmed_by_staff = by.staff
    batch.save()
    return batch


def a_file(item: DeliveryItem, by: Post, **changed: Any) -> Batch:
    delivery = item.delivery
    given = {
        "template": item.key, "title": item.title, "unit": delivery.unit, "as_of": delivery.round.cut_off_on, "door": KEY,
        "subject_label": "monitoring.deliveryitem", "subject_id": str(item.pk), "file_name": "名册.xlsx", "file_digest": uuid.uuid4(),
        "size": 1024, "handed_in_at": clock.now(), "handed_in_by": by, "handed_in_by_staff": by.staff,
    }  # fmt: skip
    return Batch.objects.create(**{**given, **changed})


def filled(delivery: Delivery, by: Post) -> Delivery:
    """Every part said to be unchanged."""
    if delivery.items.filter(part="policy").exists():
        deliveries.confirm_policy(delivery_id=delivery.pk, by=by)
    deliveries.mark_unchanged(delivery_id=delivery.pk, by=by)
    return delivery


def submitted(delivery: Delivery, by: Post) -> Delivery:
    return deliveries.submit(delivery_id=filled(delivery, by).pk, by=by)
