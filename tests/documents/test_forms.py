"""Texts that are signed or told: versions, days, and the delivered ones with their origin."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from documents import reference, transitions
from documents.models import DocumentTemplate, FormVersion
from tests.cast import member

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def draft(by, **changed):
    values = {"key": "promise", "title": "诚信承诺书", "text": "如实申报。", "origin": "assumed", "source": "县民政局修订"}
    return transitions.draft_form(**{**values, **changed}, by=by)


def publish(form, by, valid_from=TODAY):
    return transitions.publish_form(form_id=form.pk, valid_from=valid_from, by=by)


def in_force(key="promise", on=TODAY):
    return FormVersion.objects.in_force(key, on)


def test_next_version_is_in_force_from_its_day(platform, platform_approver):
    first = in_force()
    form = publish(draft(platform), platform_approver, date(2026, 10, 1))
    assert (form.number, form.published_by, form.published_at) == (first.number + 1, platform_approver, house_clock.now())
    assert in_force(on=date(2026, 9, 30)) == first
    assert in_force(on=date(2026, 10, 1)) == form
    verbs = list(
        Event.objects.filter(subject_label="documents.formversion", subject_id=form.pk).order_by("id").values_list("verb", flat=True)
    )
    assert verbs == ["form.drafted", "form.published"]
    assert in_force(on=date(2020, 12, 31)) is None


def test_published_once_by_a_second_person(platform, platform_approver, clerk):
    form = draft(platform)
    with pytest.raises(PermissionDenied):
        publish(form, platform)
    with pytest.raises(Http404):
        publish(form, clerk)
    publish(form, platform_approver)
    with pytest.raises(AlreadyHandled, match=f"{platform_approver}于2026-09-24 10:00发布"):
        publish(form, platform_approver)


def test_nobody_publishes_their_own(platform_approver):
    with pytest.raises(PermissionDenied):
        publish(draft(platform_approver), platform_approver)


def test_never_for_days_gone_by(platform, platform_approver):
    form = draft(platform)
    with pytest.raises(TransitionError, match="不能早于今天"):
        publish(form, platform_approver, date(2026, 9, 23))
    publish(form, platform_approver, date(2026, 10, 1))
    with pytest.raises(TransitionError, match="现行版本"):
        publish(draft(platform), platform_approver, date(2026, 9, 30))


def test_one_version_a_day(platform, platform_approver):
    publish(draft(platform), platform_approver)
    with pytest.raises(ValidationError, match="这一天已有"):
        publish(draft(platform), platform_approver)


def test_one_draft_at_a_time(platform):
    draft(platform)
    with pytest.raises(TransitionError, match="还没有发布"):
        draft(platform)
    draft(platform, key="privacy_notice", title="告知书")


@pytest.mark.parametrize("changed", [{"title": ""}, {"text": "  "}, {"source": ""}, {"key": "poem"}, {"origin": "rumour"}])
def test_says_what_it_is_and_where_it_is_from(platform, changed):
    with pytest.raises(ValidationError):
        draft(platform, **changed)


def test_who_drafts(clerk, department_approver, system_administrator):
    for post in (clerk, department_approver, system_administrator):
        with pytest.raises(PermissionDenied):
            draft(post)


def test_drafts_are_seen_by_the_platform_alone(platform, clerk):
    form = draft(platform)
    assert form in FormVersion.objects.visible_to(platform)
    assert form not in FormVersion.objects.visible_to(clerk)
    assert in_force() in FormVersion.objects.visible_to(clerk)


# ── delivered ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_all_four_are_delivered_and_say_that_they_are_assumed():
    forms = FormVersion.objects.all_in_force(TODAY)
    assert {form.key for form in forms} == set(FormVersion.Key.values)
    for form in forms:
        assert form.origin == "assumed"
        assert "须由县民政局审定" in form.source
        assert "签名" in form.text


@pytest.mark.parametrize("words", ["处理您的信息", "依据", "敏感个人信息", "保存多久", "查阅、复制", "删除", "提供给谁", "十四周岁"])
def test_privacy_notice_says_what_the_law_asks(words):
    """个人信息保护法 17, 30: who, why, kinds, retention, rights; necessity and effect of sensitive data (RULES C3)."""
    assert words in in_force("privacy_notice").text


def test_authorisation_says_for_what_and_how_long():
    """57号第9条, TZ-19."""
    text = in_force("authorisation").text
    assert all(words in text for words in ("授权给谁", "只用于", "有效", "成年家庭成员", "撤回", "监护人"))


def test_loading_twice_changes_nothing():
    before = (FormVersion.objects.count(), DocumentTemplate.objects.count(), Event.objects.count())
    reference.load(by=member("system"))
    assert (FormVersion.objects.count(), DocumentTemplate.objects.count(), Event.objects.count()) == before


@pytest.fixture
def changed_files(tmp_path):
    for path in reference.FORMS.iterdir():
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "promise.md").write_text("改过的承诺。", encoding="utf-8")
    return tmp_path


def test_changed_file_is_the_next_version(changed_files):
    reference.load(by=member("system"), forms=changed_files)
    assert (in_force().text, in_force().valid_from) == ("改过的承诺。", TODAY)
    assert in_force(on=date(2026, 9, 23)).number == 1


def test_changed_file_is_a_draft_where_the_county_has_its_own(changed_files, platform, platform_approver):
    own = publish(draft(platform), platform_approver)
    reference.load(by=member("system"), forms=changed_files)
    assert in_force() == own
    assert FormVersion.objects.filter(key="promise", published_at=None).count() == 1
