"""What orders, written reminders and notices said of a sensitive matter says no more than new ones do: neither its number nor its step.

Orders and reminders hold the words in which their matter was told, the clock of an order and the notices hold them again; a notice upwards
named the person and the step, and a day's digest names clocks of orders by their titles. Issued papers and the record are final:
`monitoring.papers` keeps the former from whoever is not told. Run again, it finds nothing to do.
"""

import re
from itertools import islice

from django.db import migrations

BATCH = 500
DAY = re.compile(r"应于\d+年\d+月\d+日办结$")
BODY = re.compile(r"到期时间.*", re.DOTALL)
UPWARDS = "上报县级平台：敏感项目的一件事项"


def batches(rows):
    """Of rows that are read as they are needed."""
    rest = rows.order_by("pk").iterator(BATCH)
    while some := list(islice(rest, BATCH)):
        yield some


def said_now(matter):
    """In the words of today; the day stays as it was said."""
    day = DAY.search(matter)
    return "，".join(["敏感项目", "“办理”", *([day.group()] if day else [])])


def say_less(apps, schema_editor=None):
    sensitive = list(apps.get_model("programs", "Program").objects.filter(is_sensitive=True).values_list("code", flat=True))
    if sensitive:
        _of_digests(apps, _of_matters(apps, "SupervisionOrder", sensitive))
        _of_matters(apps, "WrittenReminder", sensitive)
        _of_notices_upwards(apps, sensitive)


def _of_matters(apps, name, sensitive):
    """What the clocks that wait for an answer were called, and are called now."""
    titles = {}
    rows = apps.get_model("monitoring", name).objects.filter(duty__topic_code__in=sensitive).only("id", "number", "matter")
    for some in batches(rows):
        for row in some:
            row.was, row.matter = row.matter, said_now(row.matter)
        moved = {str(row.pk): row for row in some if row.was != row.matter}
        rows.model.objects.bulk_update(moved.values(), ["matter"])
        titles |= _of_clocks_and_notices(apps, f"monitoring.{name.lower()}", moved)
    return titles


def _of_clocks_and_notices(apps, label, moved):
    """The clock that waits for the answer is called by the matter; what is told of it, by its title."""
    duties = list(apps.get_model("deadlines", "Duty").objects.filter(subject_label=label, subject_id__in=moved, kind="supervise"))
    titles = {}
    for duty in duties:
        titles[str(duty.pk)] = duty.title
        row = moved[duty.subject_id]
        duty.title = f"督办单{row.number}：{row.matter}"[:120]
    if duties:
        apps.get_model("deadlines", "Duty").objects.bulk_update(duties, ["title"])
    _reword(apps, label, {key: (row.was, row.matter) for key, row in moved.items()})
    words = {str(duty.pk): (titles[str(duty.pk)], duty.title) for duty in duties}
    _reword(apps, "deadlines.duty", words)
    return dict(words.values())


def _reword(apps, label, words):
    notices = list(apps.get_model("deadlines", "Notice").objects.filter(subject_label=label, subject_id__in=words))
    for notice in notices:
        was, now = words[notice.subject_id]
        notice.title, notice.body = notice.title.replace(was, now), notice.body.replace(was, now)
    if notices:
        apps.get_model("deadlines", "Notice").objects.bulk_update(notices, ["title", "body"])


def _of_digests(apps, titles):
    """The subject of a digest is whoever reads it: what it says of a clock is found by the title alone."""
    if not titles:
        return
    notices = apps.get_model("deadlines", "Notice").objects
    for some in batches(notices.filter(kind="duty.digest", body__contains="督办单")):
        moved = []
        for notice in some:
            said = notice.body
            for was, now in titles.items():
                said = said.replace(was, now)
            if said != notice.body:
                notice.body = said
                moved.append(notice)
        notices.bulk_update(moved, ["body"])


def _of_notices_upwards(apps, sensitive):
    """Of a matter of the platform's own it may read both."""
    duties, notices = apps.get_model("deadlines", "Duty").objects, apps.get_model("deadlines", "Notice").objects
    told = notices.filter(kind="duty.to_platform", subject_label="deadlines.duty").exclude(title=UPWARDS)
    for some in batches(told):
        others = duties.filter(pk__in=[notice.subject_id for notice in some], topic_code__in=sensitive)
        keys = {str(key) for key in others.exclude(unit__kind="platform").values_list("pk", flat=True)}
        moved = [notice for notice in some if notice.subject_id in keys]
        for notice in moved:
            day = BODY.search(notice.body)
            notice.title, notice.body = UPWARDS, day.group() if day else ""
        notices.bulk_update(moved, ["title", "body"])


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0014_sums_without_sensitive_programs"),
        ("deadlines", "0011_texts_and_dropped_messages"),
        ("programs", "0006_lists_are_confirmed_by_two"),
    ]
    operations = [migrations.RunPython(say_less, migrations.RunPython.noop)]
