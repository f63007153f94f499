"""The demo's reviews, budgets and a standard to be confirmed: lists of the present period, some ticked off; a paper for each department."""

from datetime import date
from decimal import Decimal

from config import clock
from config.dates import add_months
from households.models import Budget, StandardChange
from households.transitions.funds import confirm_budget, enter_budget
from households.transitions.standards import propose_standard
from organization.models import Parameter, Post

from .models import ReviewLine, ReviewList
from .transitions import reviews

STANDARD = "subsistence_standard"
BUDGETS = {"MZ01": 3_000_000, "MZ03": 60_000, "MZ07": 900_000, "YB01": 500_000}
TICKED = 3


def load(by: Post) -> None:
    """Through the verbs; safe to repeat."""
    posts = list(Post.objects.effective(clock.today()).select_related("unit__department", "unit__region", "staff").order_by("pk"))
    if not ReviewList.objects.exists():
        reviews.open_lists(by=by)
        _tick(posts)
    if not Budget.objects.exists():
        _budgets(posts)
    if not StandardChange.objects.exists():
        _standard(posts)


def _tick(posts: list[Post]) -> None:
    clerks = {post.unit.region_id: post for post in posts if post.role == "T"}
    for found in ReviewList.objects.open().order_by("region_id", "class_key"):
        clerk = clerks.get(found.region_id)
        keys = list(ReviewLine.objects.filter(list=found).waiting().order_by("pk").values_list("pk", flat=True)[: TICKED + 1])
        if clerk is None or len(keys) < 2:
            continue
        reviews.check_lines(list_id=found.pk, line_ids=keys[1:], way="phone", by=clerk)
        reviews.check_line(line_id=keys[0], result="missing", way="visit", note="两次上门无人，邻居说已外出。", by=clerk)
        return


def _budgets(posts: list[Post]) -> None:
    from programs.models import Program

    approver = next((post for post in posts if post.role == "BA"), None)
    for code, amount in BUDGETS.items():
        program = Program.objects.get(pk=code)
        officer = next((post for post in posts if post.role == "D" and post.unit.department_id == program.department_id), None)
        if officer is None:
            continue
        year = clock.today().year
        row = enter_budget(
            year=year, program=program, source="central", amount=Decimal(amount), document=f"忠财社〔{year}〕1号（演示）", by=officer
        )
        if approver is not None and approver.staff_id != officer.staff_id:
            confirm_budget(budget_id=row.pk, by=approver)


def _standard(posts: list[Post]) -> None:
    """Proposed, for somebody to confirm."""
    officer = next((post for post in posts if post.role == "D" and post.unit.department and post.unit.department.code == "MZ"), None)
    month: date = add_months(clock.today().replace(day=1), -1)
    known = Parameter.objects.in_force(STANDARD, on=month)
    if officer is None or known is None:
        return
    value = {name: sum_ + 30 for name, sum_ in known.value.items()}
    propose_standard(key=STANDARD, value=value, month=month, document=f"忠民发〔{month.year}〕9号（演示）", by=officer)
