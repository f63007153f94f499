"""The window's landing page and the arrival that begins there."""

import re
from datetime import date

import pytest
from django.urls import reverse

from config import clock as house_clock
from config import keyset
from households.models import Resident
from intake import receiving
from intake.models import Application, Visit
from tests.fragments import next_of
from tests.households.factories import HouseholdFactory, head_of, id_number, person
from tests.intake.factories import ApplicationFactory, VisitFactory, family, people

pytestmark = pytest.mark.django_db
WINDOW, ARRIVE = reverse("intake:window"), reverse("intake:visit_arrive")
QUERIES_OF_THE_WINDOW = 10


def number_of(household) -> str:
    from config.protection.sealing import open_sealed

    return open_sealed(people(household)[0], "id_number")


def arrive(client, **typed):
    return client.post(ARRIVE, {"mode": "seated", "matter": "", "number": "", **typed})


def test_the_window_is_the_window_clerks(clerk, approver, officer, signed_in):
    assert signed_in(clerk).get(WINDOW).status_code == 200
    for other in (approver, officer):
        assert signed_in(other).get(WINDOW).status_code == 403


def test_a_read_card_registers_and_finds_in_one_go(clerk, signed_in):
    household = family()
    response = arrive(signed_in(clerk), number=f" {number_of(household)} ", matter="生活困难")
    visit = Visit.objects.get()
    assert response.url == visit.get_absolute_url()
    assert (visit.resident, visit.household, visit.arrived_at) == (people(household)[0], household, house_clock.now())
    assert (visit.mode, visit.matter, visit.arrived_by) == ("seated", "生活困难", clerk)


@pytest.mark.parametrize(("typed", "sentence"), [("", "没有带证件的"), ("12345", "应为18位"), ("11010519491231002A", "不是数字")])
def test_a_wrong_number_comes_back_as_typed_and_nobody_is_registered(clerk, signed_in, typed, sentence):
    response = arrive(signed_in(clerk), number=typed, matter="看病花费大")
    text = response.content.decode()
    assert response.status_code == 422
    assert sentence in text
    assert f'value="{typed}"' in text or not typed
    assert "看病花费大" in text
    assert not Visit.objects.exists()


def test_a_number_that_comes_back_leads_on_in_the_windows_own_lists(clerk, signed_in, monkeypatch):
    monkeypatch.setattr(keyset, "SIZES", (1,))
    for _ in range(2):
        ApplicationFactory()
    refused = arrive(signed_in(clerk), number="12345")
    assert refused.status_code == 422
    following = signed_in(clerk).get(next_of(refused))
    assert [row.pk for row in following.context["page"].rows] == [row.pk for row in Application.objects.order_by("drafted_at", "pk")[:1]]


def test_without_papers_the_clock_starts_all_the_same(clerk, signed_in):
    response = arrive(signed_in(clerk), number="1234", without_number="on", mode="phone")
    visit = Visit.objects.get()
    assert (visit.resident, visit.mode) == (None, "phone")
    assert "找到来人" in signed_in(clerk).get(response.url).content.decode()


def test_a_number_that_nobody_holds_is_kept_sealed_for_this_visit(clerk, signed_in):
    client, number = signed_in(clerk), id_number(date(1970, 1, 2))
    page = client.get(arrive(client, number=number).url).content.decode()
    assert "平台上没有这个号码" in page
    assert number not in page
    session, visit = client.session, Visit.objects.get()
    assert number not in str(dict(session))
    assert receiving.number_kept(session, visit) == number


def test_somebody_of_another_township_is_a_mask_and_a_township(clerk, signed_in):
    household = HouseholdFactory(in_neighbour=True, members=[person(name="欧阳虚言")])
    client, number = signed_in(clerk), number_of(household)
    page = client.get(arrive(client, number=number).url).content.decode()
    assert "登记在其他乡镇" in page
    assert "欧阳虚*" in page or "欧阳*言" in page
    assert "欧阳虚言" not in page
    assert "在本窗口受理" in page
    assert Visit.objects.get().resident is None


def test_the_days_cap_turns_nobody_away(clerk, signed_in, monkeypatch):
    monkeypatch.setattr("households.transitions.lookup.figure", lambda key: 0)
    client = signed_in(clerk)
    page = client.get(arrive(client, number=id_number(date(1970, 1, 2))).url).content.decode()
    assert "上限" in page
    assert Visit.objects.count() == 1


def test_sent_twice_is_one_arrival(clerk, signed_in):
    client, household = signed_in(clerk), family()
    token = re.search(r'name="once" value="([^"]+)"', client.get(WINDOW).content.decode())[1]
    typed = {"once": token, "number": number_of(household)}
    first, second = arrive(client, **typed), arrive(client, **typed)
    assert first.url == second.url
    assert Visit.objects.count() == 1


def test_the_clock_is_colour_word_and_shape_and_only_for_the_seated(clerk, signed_in, clock):
    VisitFactory(mode="phone")
    VisitFactory()
    clock.forward(minutes=5)
    VisitFactory()
    clock.forward(minutes=5)
    VisitFactory(answered=True)
    clock.forward(minutes=5)
    page = signed_in(clerk).get(WINDOW).content.decode()
    for shown in ("已等15分钟，超过15分钟", "已等10分钟，剩5分钟", "待答复", "不到1分钟答复"):
        assert shown in page
    for shape in ("exclamation-square-fill", "exclamation-triangle-fill", "check-circle-fill"):
        assert f"bi-{shape}" in page
    assert page.index("超过15分钟") < page.index("剩5分钟") < page.index("不到1分钟答复")


def test_yesterdays_unanswered_are_a_number_with_a_way_to_them(clerk, signed_in, clock):
    VisitFactory()
    clock.forward(days=1)
    page = signed_in(clerk).get(WINDOW).content.decode()
    assert "另有1人次以前来访没有登记答复" in page
    assert "今天还没有来访登记" in page


def test_each_tab_counts_and_holds_the_units_own_work(clerk, neighbour_clerk, signed_in):
    draft, submitted, waiting = (ApplicationFactory(**{trait: True}) for trait in ("drafted", "submitted", "supplemented"))
    client = signed_in(clerk)
    counts = re.findall(r'class="tab-count">(\d+)<', client.get(WINDOW).content.decode())
    assert counts == ["0", "1", "1", "1", "0", "0", "0"]
    assert draft.applicant.name in client.get(WINDOW, {"tab": "draft"}).content.decode()
    for tab, application in (("accept", submitted), ("supplement", waiting)):
        text = client.get(WINDOW, {"tab": tab}).content.decode()
        assert f"申请{application.number}" in text
        assert "lamp-" in text
    assert re.findall(r'class="tab-count">(\d+)<', signed_in(neighbour_clerk).get(WINDOW).content.decode()) == ["0"] * 7


def test_work_opened_by_a_room_above_stands_in_its_tab(clerk, signed_in):
    from tests.deadlines import factories as duties

    duties.open_duty(clerk, kind="tell", kind_name="告知结果", title="临时救助 张*芳")
    duties.open_duty(clerk, kind="resubmit", kind_name="补正后送回", title="低保 李*强")
    duties.open_duty(clerk, kind="stage", kind_name="公示", title="低保 王*")
    duties.open_duty(clerk, kind="promise", kind_name="承诺办结", title="只看不办", is_promise=True)
    client = signed_in(clerk)
    other = client.get(WINDOW, {"tab": "other"}).content.decode()
    assert "低保 王*" in other
    assert "只看不办" not in other
    assert "临时救助 张*芳" in client.get(WINDOW, {"tab": "tell"}).content.decode()
    assert "低保 李*强" in client.get(WINDOW, {"tab": "returned"}).content.decode()


def test_the_fragment_is_a_part_of_the_page(clerk, signed_in):
    ApplicationFactory(drafted=True)
    client = signed_in(clerk)
    fragment = client.get(WINDOW, headers={"hx-request": "true"}).content.decode().strip()
    page = client.get(WINDOW).content.decode()
    assert re.sub(r"\s+", " ", fragment) in re.sub(r"\s+", " ", page)


@pytest.mark.parametrize("rows", [20, 2_000])
def test_queries_do_not_grow(clerk, signed_in, assert_queries, rows):
    """The rows of a page are bounded; `bench` measures the same page at the county's size."""
    from deadlines.models import Duty
    from tests.deadlines import factories as duties

    visit = VisitFactory(known=True)
    Visit.objects.bulk_create(_copy(visit, n) for n in range(rows))
    draft = ApplicationFactory(drafted=True)
    type(draft).objects.bulk_create(_copy(draft, n, query_code=f"Q{n:09d}") for n in range(rows))
    duty = duties.open_duty(clerk, kind="accept")
    Duty.objects.bulk_create(_copy(duty, n, subject_id=str(n)) for n in range(rows))
    client = signed_in(clerk)
    for tab in ("draft", "accept"):
        client.get(WINDOW, {"tab": tab})
        with assert_queries(QUERIES_OF_THE_WINDOW + (tab == "accept")):
            assert client.get(WINDOW, {"tab": tab}).status_code == 200


def _copy(row, number, **changed):
    import uuid

    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    unique = {"number": f"X{number:08d}"} if "number" in values else {}
    return type(row)(**{**values, "id": uuid.uuid4(), **unique, **changed})


def test_residents_found_here_are_of_the_own_township(clerk, signed_in):
    ours, theirs = family(), HouseholdFactory(in_neighbour=True, members=[person(name="邻家虚人")])
    client = signed_in(clerk)
    visit = VisitFactory()
    client.post(reverse("intake:visit_find", args=[visit.pk]), {"wanted": head_of(ours).name})
    assert head_of(ours).name in client.get(visit.get_absolute_url()).content.decode()
    client.post(reverse("intake:visit_find", args=[visit.pk]), {"wanted": "邻家"})
    page = client.get(visit.get_absolute_url()).content.decode()
    assert "没有这个姓名" in page
    assert Resident.objects.filter(pk=head_of(theirs).pk).exists()
