"""People, posts and places for tests that need more of them than the cast.

Traits reach a state by the verbs: `PostFactory(granted=True)` was proposed by the system administrator and granted by the security
administrator. Rows that only an installation brings (departments, townships) are taken from the reference data, never made.
"""

from typing import Any

import factory

from config import clock
from organization.models import Post, Region, Staff, Unit
from organization.transitions import accounts, posts, units
from tests import cast


class StaffFactory(factory.Factory):
    """An account without a post. Traits: `disabled`, `newcomer` (must change the first password)."""

    class Meta:
        model = Staff

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"试员{n}")
    employment_type = Staff.EmploymentType.ESTABLISHED
    disabled = False
    newcomer = False

    @classmethod
    def _create(cls, model_class: type[Staff], *args: Any, disabled: bool, newcomer: bool, **kwargs: Any) -> Staff:
        by = cast.member("system_administrator")
        staff = accounts.create_staff(password=cast.PASSWORD if newcomer else None, by=by, **kwargs)
        if not newcomer:
            staff = accounts.change_password(staff_id=staff.pk, password=cast.PASSWORD, by=None)
        return accounts.disable(staff_id=staff.pk, reason="离岗", by=by) if disabled else staff


class PostFactory(factory.Factory):
    """A proposed post at the home township's window. Traits: `granted`, `refused`, `ended`."""

    class Meta:
        model = Post

    staff = factory.SubFactory(StaffFactory)
    unit = factory.LazyFunction(lambda: cast.unit_of("township_window", cast.HOME))
    rank = Post.Rank.HANDLER
    valid_from = factory.LazyFunction(clock.today)
    valid_until = factory.LazyFunction(lambda: cast.UNTIL)
    granted = False
    refused = False
    ended = False

    @classmethod
    def _create(cls, model_class: type[Post], *args: Any, staff: Staff, granted: bool, refused: bool, ended: bool, **kwargs: Any) -> Post:
        granter = cast.member("security_administrator")
        post = posts.propose(staff_id=staff.pk, by=cast.member("system_administrator"), **kwargs)
        if refused:
            return posts.refuse(post_id=post.pk, reason="编制已满", by=granter)
        if granted or ended:
            post = posts.grant(post_id=post.pk, by=granter)
        return posts.end(post_id=post.pk, reason="调离", by=granter) if ended else post


class VillageFactory(factory.Factory):
    """A fictional village of the home township, with its window: returns the window's unit."""

    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"{cast.HOME}{900 - n:03d}")
    name = factory.Sequence(lambda n: f"虚构村{n}")
    setting = Region.Setting.RURAL
    population = 600

    @classmethod
    def _create(cls, model_class: type[Unit], *args: Any, **kwargs: Any) -> Unit:
        township = Region.objects.get(pk=kwargs["code"][:9])
        return units.add_village(township=township, fictional=True, by=cast.member("system_administrator"), **kwargs)
