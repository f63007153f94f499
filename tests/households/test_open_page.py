"""The form of a new household: laid out like the paper, keeps what was typed, names duplicates before they are made (issue 3)."""

import uuid

import pytest
from django.urls import reverse

from audit.models import Event
from households.models import Household, HouseholdDraft
from households.transitions import drafts as verbs
from households.transitions import drop, put_aside
from tests import cast

from . import factories
from .factories import HouseholdFactory, ResidentFactory, person

pytestmark = pytest.mark.django_db
OPEN = reverse("households:household_open")


def row(number, relation="02", **changed):
    return {
        "relation": relation, "name": "赵户主", "id_type": "resident", "number": number, "sex": "", "birth_on": "", "phone": "",
        "lives_together": "on", **changed,
    }  # fmt: skip


def form(*rows, step="open", **changed):
    counts = {"members-TOTAL_FORMS": len(rows), "members-INITIAL_FORMS": 1, "members-MIN_NUM_FORMS": 0, "members-MAX_NUM_FORMS": 20}
    lines = {f"members-{place}-{name}": value for place, cells in enumerate(rows) for name, value in cells.items()}
    address = {"region": cast.VILLAGE, "setting": "", "address": "虚构组1号", "draft": "", "step": step}
    return {**counts, **lines, **address, **changed}


BLANK = row("", relation="", name="")


def test_the_form_is_laid_out_like_the_paper(clerk, signed_in):
    page = signed_in(clerk).get(OPEN).content.decode()
    assert 'data-birth="id_members-0-birth_on"' in page
    assert 'data-sex="id_members-0-sex"' in page
    assert 'data-birth="id_members-__prefix__-birth_on"' in page
    assert "虚构一村" in page
    assert "白公街道" not in page


def test_a_household_is_registered_and_shown(clerk, signed_in):
    number, daughter = factories.id_number(), factories.id_number()
    response = signed_in(clerk).post(OPEN, form(row(number), row(daughter, "20", name="赵之子", lives_together=""), BLANK, BLANK))
    household = Household.objects.get()
    assert response.url == household.get_absolute_url()
    assert household.setting == "rural"
    assert [(m.resident.name, m.lives_together, m.is_counted) for m in household.memberships.order_by("relation")] == [
        ("赵户主", True, True), ("赵之子", False, False),
    ]  # fmt: skip


def test_what_was_typed_stays_with_the_sentence_beside_the_line(clerk, signed_in):
    number = factories.id_number()
    response = signed_in(clerk).post(OPEN, form(row(number), row("000000198003040010", "20", name="赵之子")))
    page = response.content.decode()
    assert response.status_code == 422
    assert "校验码与前17位不符" in page
    assert f'value="{number}"' in page
    assert 'value="000000198003040010"' in page
    assert not Household.objects.exists()


def test_what_is_wrong_in_the_rows_is_told_above_them_with_links_there(clerk, signed_in):
    """On a phone each row is a card, and the page that came back began as if nothing had happened."""
    page = signed_in(clerk).post(OPEN, form(row(factories.id_number()), row("", "", name="赵之子"))).content.decode()
    summary = page[page.index("data-error-summary") :].partition("</div>")[0]
    assert '<a href="#id_members-1-relation">第2行 与户主关系</a>：请选择。' in summary
    assert '<a href="#id_members-1-number">第2行 证件号码</a>：请填写' in summary
    assert "第1行" not in summary


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"sex": "2"}, "与证件号码不一致"),
        ({"birth_on": "1981-01-01"}, "与证件号码不一致"),
        ({"id_type": "hmt_permit"}, "与所选的“港澳台居民居住证”不一致"),
        ({"relation": ""}, "这个字段是必填项"),
        ({"relation": "10"}, "请登记一位户主"),
    ],
)
def test_each_fault_is_said(clerk, signed_in, cells, sentence):
    response = signed_in(clerk).post(OPEN, form(row(factories.id_number(), **cells)))
    assert response.status_code == 422
    assert sentence in response.content.decode() or "请选择" in response.content.decode()
    assert not Household.objects.exists()


def test_a_person_of_another_household_here_is_named_in_full(clerk, signed_in):
    number = factories.id_number()
    other = HouseholdFactory(members=[person(name="郑六", number=number)])
    page = signed_in(clerk).post(OPEN, form(row(number, name="郑六"))).content.decode()
    assert f"郑六已登记在户编号{other.number}的家庭" in page


def test_a_person_of_a_household_elsewhere_is_masked_and_the_look_remains(clerk, signed_in):
    number = factories.id_number()
    HouseholdFactory(in_neighbour=True, members=[person(name="郑远六", number=number)])
    response = signed_in(clerk).post(OPEN, form(row(number, name="郑远六"), once=str(uuid.uuid4())))
    page = response.content.decode()
    assert response.status_code == 422
    assert "郑*六已登记在白公街道的家庭" in page
    assert Event.objects.filter(verb="resident.looked_up", by_id=clerk.staff_id).count() == 1


def test_sent_twice_it_is_registered_once(clerk, signed_in):
    client, body = signed_in(clerk), form(row(factories.id_number()), once=str(uuid.uuid4()))
    first, second = client.post(OPEN, body), client.post(OPEN, body)
    assert first.url == second.url
    assert Household.objects.count() == 1


def test_a_member_is_added_and_a_stranger_named(clerk, signed_in):
    household, number = HouseholdFactory(), factories.id_number()
    client, url = signed_in(clerk), reverse("households:member_add", args=[household.pk])
    assert client.post(url, row(factories.id_number(), "20", name="赵又子")).url == household.get_absolute_url()
    HouseholdFactory(in_neighbour=True, members=[person(name="郑远六", number=number)])
    response = client.post(url, row(number, "20", name="郑远六"))
    assert response.status_code == 422
    assert "郑*六已登记在白公街道的家庭" in response.content.decode()
    ResidentFactory(name="孤身客", number=(loose := factories.id_number()))
    assert "登记的姓名与填写的不一致" in client.post(url, row(loose, "20", name="另一人")).content.decode()


# ── put aside ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_put_aside_comes_back_as_typed_and_is_sealed(clerk, signed_in):
    client, number = signed_in(clerk), factories.id_number()
    response = client.post(OPEN, form(row(number, name="半个"), row("0000", "20", name="", birth_on="x"), BLANK, step="keep", region=""))
    draft = HouseholdDraft.objects.get()
    assert response.url == f"{OPEN}?draft={draft.pk}"
    assert (draft.members, str(draft.content)) == (2, "已填写")
    assert number not in str(vars(draft))
    page = client.get(response.url).content.decode()
    for words in (number, "半个", "虚构组1号", 'value="0000"'):
        assert words in page, words


def test_putting_aside_again_replaces_and_registering_erases(clerk, signed_in):
    client, number = signed_in(clerk), factories.id_number()
    url = client.post(OPEN, form(row(number), step="keep")).url
    pk = str(HouseholdDraft.objects.get().pk)
    client.post(OPEN, form(row(number, name="改名"), step="keep", draft=pk))
    assert HouseholdDraft.objects.count() == 1
    assert "改名" in client.get(url).content.decode()
    client.post(OPEN, form(row(number), draft=pk))
    assert Household.objects.count() == 1
    assert not HouseholdDraft.objects.exists()


@pytest.mark.parametrize("which", ["gone", "another's", "no draft"])
def test_nothing_typed_is_lost_with_a_draft_that_is_gone(clerk, second_clerk, signed_in, which):
    draft = put_aside(content={"address": {}, "members": [{"name": "原先"}]}, by=second_clerk if which == "another's" else clerk)
    if which == "gone":
        drop(draft_id=draft.pk, by=clerk)
    client, pk = signed_in(clerk), "x" if which == "no draft" else str(draft.pk)
    url = client.post(OPEN, form(row(factories.id_number(), name="半个"), step="keep", draft=pk)).url
    assert "半个" in client.get(url).content.decode()
    assert client.post(OPEN, form(row(factories.id_number()), draft=pk)).status_code == 302
    assert HouseholdDraft.objects.filter(pk=draft.pk).exists() == (which != "gone")


def test_a_draft_is_its_writers_alone(clerk, second_clerk, signed_in):
    draft = put_aside(content={"address": {}, "members": [{"name": "半个"}]}, by=clerk)
    assert "暂存了一份登记（1人）" in signed_in(clerk).get(OPEN).content.decode()
    assert "暂存了一份登记" not in signed_in(second_clerk).get(OPEN).content.decode()
    assert signed_in(second_clerk).get(f"{OPEN}?draft={draft.pk}").status_code == 404
    drop(draft_id=draft.pk, by=second_clerk)
    assert HouseholdDraft.objects.exists()
    drop(draft_id=draft.pk, by=clerk)
    assert not HouseholdDraft.objects.exists()


def test_a_draft_needs_the_right_and_its_line(approver, clerk, failing_record):
    from django.core.exceptions import PermissionDenied
    from django.db import IntegrityError, transaction

    with pytest.raises(PermissionDenied):
        put_aside(content={"address": {}, "members": []}, by=approver)
    draft = put_aside(content={"address": {}, "members": []}, by=clerk)
    with pytest.raises(IntegrityError, match="draft_has_its_content"), transaction.atomic():
        HouseholdDraft.objects.filter(pk=draft.pk).update(content_sealed="", content_masked="")
    with pytest.raises(IntegrityError, match="householddraft_content_is_sealed_whole"), transaction.atomic():
        HouseholdDraft.objects.filter(pk=draft.pk).update(content_masked="")
    failing_record(verbs)
    with pytest.raises(RuntimeError, match="no record"):
        drop(draft_id=draft.pk, by=clerk)
    assert HouseholdDraft.objects.exists()
