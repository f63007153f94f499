"""复核认证 by list (XX-25, XX-33): who is on it, who ticks, what closes it, and what has gone on or ended since."""

import re
import uuid
from datetime import date
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock as clocks
from config import keyset
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from households.models import AssistanceRecord
from households.transitions import adjust_record, stop_record
from monitoring.models import ReviewLine, ReviewList
from monitoring.reviews import classes, ledger
from monitoring.reviews.page import board
from monitoring.transitions import reviews
from organization.models import Post
from referrals.transitions import open_reviews
from spreadsheets.ledgers import Asked
from tests.fragments import next_of, without_tokens
from tests.households.factories import HouseholdFactory, ResidentFactory, assistance, head_of
from tests.households.test_roll_road import handed_in, line, taken_back

pytestmark = pytest.mark.django_db
BEGUN, SEPTEMBER = date(2026, 5, 1), date(2026, 9, 1)


def opened():
    return reviews.open_lists(by=Post.objects.the_system())


def of(key, **found):
    return ReviewList.objects.get(class_key=key, kind="review", **found)


@pytest.mark.parametrize(
    ("key", "months", "today", "month", "due"),
    [
        ("mz01_urban", 1, date(2026, 9, 24), date(2026, 9, 1), date(2026, 9, 30)),
        ("mz01_rural", 3, date(2026, 9, 24), date(2026, 7, 1), date(2026, 8, 31)),
        ("mz07", 12, date(2026, 9, 24), date(2026, 4, 1), date(2026, 5, 31)),
        ("mz07", 12, date(2026, 2, 3), date(2025, 4, 1), date(2025, 5, 31)),
    ],
)
def test_periods_of_the_classes(key, months, today, month, due):
    one = classes.ReviewClass("review", key, months)
    assert classes.begins(one, today, yearly_month=4) == month
    assert classes.due_on(one, month, most=2) == due


def test_a_class_of_no_months_has_no_list_and_keeps_none_of_the_others_from_theirs():
    found = classes.classes(rhythm={"mz01_urban": 0, "mz01_rural": 3}, others={"mz07": 0}, certified={"mz02": 0, "mz03": 12})
    assert [(one.kind, one.key) for one in found] == [("review", "mz01_rural"), ("certification", "mz03")]


def test_each_township_gets_its_class_once(clerk, neighbour_clerk, clock):
    town, country = HouseholdFactory(alone=True, setting="urban"), HouseholdFactory(alone=True)
    neighbour = HouseholdFactory(alone=True, setting="urban", in_neighbour=True)
    records = [assistance(home, since=BEGUN) for home in (town, country, neighbour)]
    assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN, until=date(2026, 8, 31))
    assert (opened(), opened()) == (2, 0)
    mine = of("mz01_urban", region="500233001")
    assert [line.record for line in mine.lines.all()] == [records[0]]
    assert (mine.name, mine.period, mine.due_on, mine.unit.kind) == ("城市最低生活保障", "2026年9月", date(2026, 9, 30), "township_office")
    duty = Duty.objects.open().about(mine).get()
    assert (duty.unit, duty.title) == (mine.unit, "2026年9月城市最低生活保障动态复核（忠州街道）")
    clock.set(clocks.now().replace(month=10, day=1))
    assert opened() == 3
    assert {row.month for row in ReviewList.objects.filter(class_key="mz01_rural")} == {date(2026, 10, 1)}


def test_of_whom_it_is_asked_whether_they_live(clerk):
    one, gone = ResidentFactory(), ResidentFactory()
    assistance(one, "MZ02", since=BEGUN)
    assistance(gone, "MZ02", since=BEGUN)
    type(gone).objects.filter(pk=gone.pk).update(died_on=date(2026, 8, 1))
    opened()
    found = ReviewList.objects.get(kind="certification", class_key="mz02")
    assert [line.resident for line in found.lines.all()] == [one]
    line = reviews.check_line(line_id=found.lines.get().pk, result="missing", way="visit", note="两次上门无人", by=clerk)
    found.refresh_from_db()
    assert (line.result, found.closed_by) == ("missing", clerk)


def test_who_is_found_dead_leads_to_a_stop_for_that_reason(signed_in, clerk):
    record = assistance(ResidentFactory(), "MZ02", since=BEGUN)
    opened()
    line = ReviewLine.objects.get(list__kind="certification", record=record)
    client = signed_in(clerk)
    answer = client.post(
        reverse("monitoring:review_line_check", args=[line.pk]), {"result": "dead", "way": "visit", "note": "村里证实9月病故"}
    )
    assert answer.url == f"{reverse('referrals:record_change', args=[record.pk])}?review=1&kind=stop&reason=death"
    assert '<option value="death" selected>' in without_tokens(client.get(answer.url))


def test_ticked_together_closes_reviews_list_and_duty(clerk, neighbour_clerk, approver, platform):
    homes = [HouseholdFactory(alone=True, setting="urban") for _ in range(2)]
    records = [assistance(home, since=BEGUN) for home in homes]
    open_reviews(by=Post.objects.the_system())
    opened()
    found = of("mz01_urban")
    keys = list(found.lines.values_list("pk", flat=True))
    with pytest.raises(Http404):
        reviews.check_lines(list_id=found.pk, line_ids=keys, way="phone", by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        reviews.check_lines(list_id=found.pk, line_ids=keys, way="phone", by=platform)
    with pytest.raises(TransitionError, match="勾选"):
        reviews.check_lines(list_id=found.pk, line_ids=[], way="phone", by=clerk)
    assert reviews.check_lines(list_id=found.pk, line_ids=keys, way="phone", by=clerk) == 2
    found.refresh_from_db()
    assert (found.closed_by, Duty.objects.open().about(found).exists()) == (clerk, False)
    assert not Duty.objects.open().filter(kind="review", subject_id__in=[str(row.pk) for row in records]).exists()
    assert Event.objects.filter(verb="assistance_record.checked", new="仍符合").count() == 2
    with pytest.raises(AlreadyHandled, match="甘晓窗"):
        reviews.check_lines(list_id=found.pk, line_ids=keys, way="phone", by=approver)


def test_ticked_together_after_a_colleague_it_says_who_did_them(signed_in, clerk, approver):
    """All of them: nothing is done again. Some: the others are, and what he found stays."""
    for _ in range(3):
        assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    opened()
    found = of("mz01_urban")
    first, second, third = found.lines.order_by("pk").values_list("pk", flat=True)
    together, client = reverse("monitoring:review_lines_check", args=[found.pk]), signed_in(approver)
    reviews.check_line(line_id=first, result="changed", way="visit", note="长子已就业", by=clerk)
    with pytest.raises(AlreadyHandled, match="所选的1项已由.*甘晓窗.*于2026-09-24 10:00复核，这次没有再登记"):
        reviews.check_lines(list_id=found.pk, line_ids=[first], way="phone", by=approver)
    answer = client.post(together, {"lines": [str(first)], "way": "phone"}, follow=True)
    assert "所选的1项已由" in without_tokens(answer)
    assert "请先勾选" not in without_tokens(answer)
    answer = client.post(together, {"lines": [str(first), str(second)], "way": "phone"}, follow=True)
    assert "已复核1项，仍符合。另有1项已由" in without_tokens(answer)
    said = dict(ReviewLine.objects.filter(list=found).values_list("pk", "result"))
    assert said == {first: "changed", second: "still", third: ""}


def test_a_refused_tick_comes_back_to_the_page_it_was_made_on(signed_in, clerk, monkeypatch):
    """And from there on to the next: the address of the button shows nothing."""
    monkeypatch.setattr(keyset, "SIZES", (1,))
    for _ in range(3):
        assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    opened()
    found = of("mz01_urban")
    client, lines = signed_in(clerk), list(found.lines.order_by("pk"))
    second = client.get(next_of(client.get(found.get_absolute_url())))
    [together] = re.findall(r'action="([^"]+/check[^"]*)"', second.content.decode())
    refused = client.post(unescape(together), {"lines": [str(lines[1].pk)], "way": ""})
    assert (refused.status_code, without_tokens(refused).count(" checked>")) == (422, 1)
    third = client.get(next_of(refused))
    assert (third.status_code, f'value="{lines[2].pk}"' in third.content.decode()) == (200, True)


def test_what_changed_needs_words_and_leads_to_a_change(signed_in, clerk):
    record = assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    opened()
    line = ReviewLine.objects.get(record=record)
    url = reverse("monitoring:review_line_check", args=[line.pk])
    client = signed_in(clerk)
    together = reverse("monitoring:review_lines_check", args=[line.list_id])
    assert client.post(together, {"lines": ["²", "9" * 30], "way": "visit"}).status_code == 422
    refused = client.post(together, {"lines": [str(line.pk)], "way": ""})
    assert (refused.status_code, without_tokens(refused).count(" checked>")) == (422, 1)
    refused = client.post(url, {"result": "changed", "way": "visit", "note": ""})
    assert refused.status_code == 422
    assert "请写明情况" in without_tokens(refused)
    answer = client.post(url, {"result": "changed", "way": "visit", "note": "长子已就业"})
    assert answer.url == f"{reverse('referrals:record_change', args=[record.pk])}?review=1&kind=adjust"
    assert client.get(answer.url).status_code == 200
    page = without_tokens(client.get(line.list.get_absolute_url() + "?tab=otherwise"))
    assert "长子已就业" in page


def test_what_went_on_or_ended_since(clerk, platform):
    homes = [HouseholdFactory(alone=True, setting="urban") for _ in range(2)]
    going, ending = (assistance(home, since=BEGUN) for home in homes)
    opened()
    adjust_record(record=going, since=SEPTEMBER, amount=500, reason="收入增加", decision_id=uuid.uuid4(), by=platform)
    stop_record(record=ending, since=SEPTEMBER, reason="收入超过标准", decision_id=uuid.uuid4(), by=platform)
    assert reviews.follow_records(by=Post.objects.the_system()) == 1
    new = AssistanceRecord.objects.get(household=homes[0], since=SEPTEMBER)
    assert ReviewLine.objects.get(result="").record == new
    assert ReviewLine.objects.get(result="over").record == ending
    reviews.check_lines(list_id=of("mz01_urban").pk, line_ids=[ReviewLine.objects.get(result="").pk], way="visit", by=clerk)
    assert of("mz01_urban").closed_at


def test_what_a_roll_gave_another_sum_is_asked_of_as_it_goes_on_and_as_it_was_when_it_is_taken_back(clerk, civil_officer, civil_approver):
    homes = [HouseholdFactory(alone=True, setting="urban") for _ in range(2)]
    who = {"by": civil_officer, "second": civil_approver}
    sums = [line(head_of(home), amount="500", since="2026-05-01") for home in homes]
    handed_in("MZ01", *sums, as_of=date(2026, 8, 20), **who)
    opened()
    former = dict(AssistanceRecord.objects.values_list("household", "pk"))
    batch = handed_in("MZ01", *[{**each, "amount": "550"} for each in sums], **who)
    assert reviews.follow_records(by=Post.objects.the_system()) == 0
    assert {row.record.former_id for row in ReviewLine.objects.filter(result="")} == set(former.values())
    taken_back(batch, civil_approver)
    assert {row.record_id for row in ReviewLine.objects.filter(result="")} == set(former.values())
    handed_in("MZ01", *[{**each, "amount": "550"} for each in sums], **who)
    reviews.check_lines(list_id=of("mz01_urban").pk, line_ids=list(ReviewLine.objects.values_list("pk", flat=True)), way="visit", by=clerk)
    assert {row.record.since for row in ReviewLine.objects.filter(result="still")} == {SEPTEMBER}


def test_what_went_on_today_is_reviewed_as_what_it_is_now(signed_in, clerk, platform):
    """Before the night has followed it: the review of the record that goes on is done, and a change is opened of that one."""
    homes = [HouseholdFactory(alone=True, setting="urban") for _ in range(3)]
    former = [assistance(home, since=BEGUN) for home in homes]
    open_reviews(by=Post.objects.the_system())
    opened()
    for record in former[:2]:
        adjust_record(record=record, since=SEPTEMBER, amount=500, reason="收入增加", decision_id=uuid.uuid4(), by=platform)
    one, two = (AssistanceRecord.objects.get(household=home, since=SEPTEMBER) for home in homes[:2])
    lines = {line.record_id: line for line in ReviewLine.objects.all()}
    seen = without_tokens(signed_in(clerk).get(of("mz01_urban").get_absolute_url()))  # what is shown is what a tick reviews
    addresses = [f'"{reverse("referrals:record_detail", args=[row.pk])}"' for row in (one, two, *former)]
    assert [address in seen for address in addresses] == [True, True, False, False, True]
    page = without_tokens(signed_in(clerk).get(reverse("monitoring:review_line_check", args=[lines[former[0].pk].pk])))
    assert "每月500.00元" in page
    reviews.check_lines(list_id=of("mz01_urban").pk, line_ids=[lines[former[0].pk].pk], way="visit", by=clerk)
    assert ReviewLine.objects.get(result="still").record == one
    url = reverse("monitoring:review_line_check", args=[lines[former[1].pk].pk])
    answer = signed_in(clerk).post(url, {"result": "changed", "way": "visit", "note": "长子已就业"})
    assert answer.url == f"{reverse('referrals:record_change', args=[two.pk])}?review=1&kind=adjust"


def test_the_second_of_two_on_a_line_is_told_who_was_first(signed_in, clerk, approver):
    """His words are shown to be copied; having seen what stands, he may still put another result in its place."""
    for _ in range(2):
        assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    opened()
    line = ReviewLine.objects.order_by("pk")[0]
    url, client = reverse("monitoring:review_line_check", args=[line.pk]), signed_in(clerk)
    words = {"result": "changed", "way": "phone", "note": "长子已就业", "seen": client.get(url).context["form"]["seen"].value()}
    reviews.check_line(line_id=line.pk, result="still", way="visit", note="", seen="", by=approver)
    told = client.post(url, words)
    assert told.status_code == 409
    for shown in (approver.label, "仍符合", "长子已就业", f'href="{url}"'):
        assert shown in told.content.decode()
    assert ReviewLine.objects.get(pk=line.pk).result == "still"
    assert client.post(url, {**words, "seen": client.get(url).context["form"]["seen"].value()}).status_code == 302
    assert ReviewLine.objects.get(pk=line.pk).note == "长子已就业"


def test_whoever_comes_when_the_list_is_done_is_told_where_to_go_on(signed_in, clerk, approver):
    """The first one's was the last line of the list: there the second one puts nothing right any more."""
    assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    opened()
    [line] = ReviewLine.objects.all()
    reviews.check_line(line_id=line.pk, result="still", way="visit", note="", seen="", by=approver)
    words = {"result": "changed", "way": "phone", "note": "长子已就业", "seen": ""}
    told = signed_in(clerk).post(reverse("monitoring:review_line_check", args=[line.pk]), words)
    assert told.status_code == 409
    for shown in (approver.label, "请从清单里打开这项救助，提出变更", "长子已就业", f'href="{line.list.get_absolute_url()}"'):
        assert shown in told.content.decode()


def test_board_and_ledger_equal_a_count(signed_in, clerk, platform, officer, civil_officer):
    for number in range(3):
        assistance(HouseholdFactory(alone=True, setting="urban", in_neighbour=number == 2), since=BEGUN)
    opened()
    line = ReviewLine.objects.filter(list__region="500233001").first()
    reviews.check_line(line_id=line.pk, result="still", way="phone", note="", by=clerk)
    rows = {row["name"]: (row["total"], row["done"], row["share"]) for row in board(platform, clocks.today())}
    assert rows == {"忠州街道": (2, 1, 50), "白公街道": (1, 0, 0)}
    assert [row["name"] for row in board(clerk, clocks.today())] == ["忠州街道"]
    for post, count in ((platform, 3), (clerk, 2), (officer, 0), (civil_officer, 0)):
        assert ledger.rows_of(Asked(by=post)).count() == count
    [part] = ledger.parts(Asked(by=clerk, given={"kind": "review"}))
    cells = list(part.held(10))
    assert [row[10] for row in cells] == ["仍符合", "待复核"]
    assert all("*" in row[6] and "*" in row[7] for row in cells)
    page = without_tokens(signed_in(platform).get(reverse("monitoring:review_list_list")))
    assert "忠州街道" in page
    assert "1 / 2" in page


def test_truths_of_lists_and_lines(clerk):
    assistance(HouseholdFactory(alone=True, setting="urban"), since=BEGUN)
    opened()
    found, line = ReviewList.objects.get(), ReviewLine.objects.get()
    for row, constraint, changed in (
        (found, "review_list_begins_with_a_month", {"month": date(2026, 9, 2)}),
        (found, "closed_review_list_says_who_and_when", {"closed_at": clocks.now()}),
        (line, "checked_review_line_says_what_who_and_when", {"result": "still"}),
        (
            line, "review_line_other_than_still_has_its_words",
            {"result": "changed", "way": "visit", "checked_at": clocks.now(), "checked_by": clerk},
        ),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**changed)
    for row, constraint in ((line, "one_review_line_per_record_and_person"), (found, "one_review_list_per_class_place_and_period")):
        row.pk = None if isinstance(row, ReviewLine) else uuid.uuid4()
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            row.save(force_insert=True)
