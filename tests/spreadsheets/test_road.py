"""A file's road: read, looked at, entered, taken back."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Job
from organization.models import Unit
from organization.transitions import units
from spreadsheets import declaration, errors, permissions, transitions
from spreadsheets.models import Batch, Effect, StagedRow, Upload
from spreadsheets.preview import BatchPage
from spreadsheets.transitions import reading
from spreadsheets.transitions.handing_in import FileOnItsWay
from tests.deadlines.factories import open_duty
from tests.protection_app.models import Person
from tests.spreadsheets import people
from tests.spreadsheets.factories import HEADS, entered, handed_in, id_number, line, read, run

pytestmark = pytest.mark.django_db
S = Batch.Status


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    monkeypatch.setattr(declaration, "_doors", dict(declaration._doors))
    return people.register()


def dumped():
    """The touched table, octet by octet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p)::text FROM protection_app_person AS p ORDER BY id")
        return cursor.fetchall()


def verbs_of(batch):
    return list(Event.objects.filter(subject_id=str(batch.pk)).order_by("pk").values_list("verb", flat=True))


def outcomes(batch):
    return list(StagedRow.objects.filter(batch=batch).order_by("number", "id").values_list("number", "outcome"))


def test_what_was_typed_stands_as_it_was_typed(clerk):
    note = '见“C:\\新建\\t"x"”、\\N、{a,b}'
    batch = read([line("虚构\\乙", note=note), line("虚构丙", note=""), line("虚构丁", amount="a\\b")], by=clerk)
    one, blank, wrong = StagedRow.objects.filter(batch=batch).order_by("number")
    assert (one.cells["note"], one.name, one.cells["name"]) == (note, "虚构\\乙", "虚构\\乙")
    assert "note" not in blank.cells
    assert (wrong.cells["?amount"], wrong.outcome, wrong.marks) == ("a\\b", "error", ["unread"])


def test_from_the_octets_to_rows_that_stand_and_back(clerk, reviewer):
    known, other = id_number(), id_number()
    entered([line("虚构乙", known), line("虚构丙", other)], by=clerk)
    before = dumped()
    batch = read([line("虚构乙", known, phone="13900139000"), line("虚构丙", other), line("虚构丁")], by=clerk)
    assert (batch.status, batch.rows, batch.refusal) == (S.READY, 3, "")
    assert {key: batch.counts[key] for key in ("new", "changed", "same")} == {"new": 1, "changed": 1, "same": 1}
    assert batch.remarks == [["登记在册", 2]]
    assert not batch.needs_second
    assert not Upload.objects.exists()
    assert dumped() == before, "nothing counts before it is entered"
    transitions.propose(batch_id=batch.pk, by=reviewer)  # anybody of the township
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.applied_by, batch.confirmed_by_staff) == (S.APPLIED, reviewer, reviewer.staff)
    assert Person.objects.count() == 3
    assert Event.objects.filter(verb="person.listed").count() == 2 + 2
    transitions.tidy()
    assert not StagedRow.objects.filter(batch=batch).exclude(sealed={}).exists(), "the night leaves no ciphertext of what was entered"
    transitions.ask_undo(batch_id=batch.pk, reason="报错了月份", by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.undone_by, batch.reason) == (S.UNDONE, clerk, "报错了月份")
    assert dumped() == before, "put back exactly"
    assert Event.objects.filter(verb="row.put_back").count() == 2
    assert verbs_of(batch) == [
        "batch.handed_in", "batch.read", "batch.confirmed", "batch.applied", "batch.undo_asked", "batch.undone",
    ]  # fmt: skip


def test_entered_again_it_changes_nothing(clerk):
    rows = [line("虚构乙"), line("虚构丙")]
    entered(rows, by=clerk)
    before = dumped()
    batch = entered(rows, by=clerk)
    assert (batch.counts.get("same"), batch.status) == (2, S.APPLIED)
    assert dumped() == before
    assert not Effect.objects.filter(batch=batch).exists()


def test_the_same_file_twice_leads_to_the_first(clerk):
    rows = [line("虚构乙")]
    first = handed_in(rows, by=clerk)
    with pytest.raises(FileOnItsWay, match="同一个文件已经由.*上传，现为“读取中”") as refused:
        handed_in(rows, by=clerk)
    assert refused.value.batch == first
    transitions.drop(batch_id=first.pk, reason="重新来过", by=clerk)
    assert handed_in(rows, by=clerk).status == S.READING


def test_above_a_hundred_changes_a_second_person_confirms(clerk, second_clerk, reviewer, approver, monkeypatch):
    monkeypatch.setattr(
        "spreadsheets.transitions.comparing.figure", lambda key: {"import_two_people_above": 1, "roll_change_stop": 30}[key]
    )
    batch = read([line("虚构乙"), line("虚构丙")], by=clerk)
    assert batch.needs_second
    assert not permissions.can_confirm(clerk, batch)
    with pytest.raises(TransitionError, match="还没有提交确认"):  # who would confirm unasked may have mended it himself
        transitions.confirm(batch_id=batch.pk, by=approver)
    transitions.propose(batch_id=batch.pk, by=clerk)
    batch.refresh_from_db()
    assert batch.status == S.PROPOSED
    for post in (clerk, reviewer):  # who handed it in, and who is neither an approver nor a data manager
        with pytest.raises(PermissionDenied):
            transitions.confirm(batch_id=batch.pk, by=post)
    transitions.send_back(batch_id=batch.pk, reason="少了两个村", by=approver)
    batch.refresh_from_db()
    assert (batch.status, batch.proposed_by) == (S.READY, None)
    transitions.propose(batch_id=batch.pk, by=clerk)
    transitions.confirm(batch_id=batch.pk, by=approver)
    with pytest.raises(AlreadyHandled, match="现为“入库中”"):
        transitions.confirm(batch_id=batch.pk, by=approver)
    run()
    assert Person.objects.count() == 2


def test_where_the_unit_has_nobody_else_the_platform_confirms(officer, department_approver, neighbour_officer, platform, clerk):
    batch = Batch(unit=officer.unit, handed_in_by=officer, handed_in_by_staff=officer.staff)
    assert permissions.has_second(batch)  # the department's approver
    assert not permissions.can_confirm(platform, batch)
    assert permissions.can_confirm(department_approver, batch)
    lonely = Batch(unit=department_approver.unit, handed_in_by=department_approver, handed_in_by_staff=department_approver.staff)
    assert not permissions.has_second(lonely)  # a handler who is no data manager does not count
    assert permissions.can_confirm(platform, lonely)
    assert not permissions.can_confirm(officer, lonely)
    asked = Batch(unit=officer.unit, handed_in_by=officer, handed_in_by_staff=officer.staff, proposed_by=department_approver)
    assert not permissions.has_second(asked)  # who asked for the entry is no second
    assert permissions.can_confirm(platform, asked)
    assert not permissions.can_confirm(neighbour_officer, lonely)


def test_whoever_works_on_for_an_ended_unit_is_its_second(officer, neighbour_department_approver, platform, system_administrator, clock):
    """A file is proposed, its unit is dissolved: the approver of the one that works on confirms it, and not the platform."""
    batch = Batch(unit=officer.unit, handed_in_by=officer, handed_in_by_staff=officer.staff)
    heir = neighbour_department_approver
    units.end_unit(unit_id=officer.unit_id, successor_id=heir.unit_id, last_day=house_clock.today(), by=system_administrator)
    clock.forward(days=1)
    batch.unit = Unit.objects.select_related("department").get(pk=officer.unit_id)
    assert permissions.has_second(batch)
    assert (permissions.can_confirm(heir, batch), permissions.can_confirm(platform, batch)) == (True, False)


def test_rows_of_a_sensitive_program_are_the_platforms_only_while_it_is_asked(department_approver, platform, monkeypatch):
    """A unit whose second person has left has nobody else who could confirm: its old files are no more the platform's for that."""
    monkeypatch.setattr(Batch, "is_confidential", True)
    lonely = Batch(unit=department_approver.unit, handed_in_by=department_approver, handed_in_by_staff=department_approver.staff)
    assert permissions.can_confirm(platform, lonely)
    for status in S:
        lonely.status = status
        assert permissions.can_see_rows(platform, lonely) is (status == S.PROPOSED), status
        assert permissions.can_see_rows(department_approver, lonely)


def test_the_platform_hands_in_for_a_unit(platform, officer, clerk, neighbour_clerk):
    unit = Unit.objects.get(pk=officer.unit_id)
    batch = read([line("虚构乙")], by=platform, unit=unit)
    assert (batch.unit, batch.handed_in_by) == (unit, platform)
    assert Batch.objects.visible_to(officer).filter(pk=batch.pk).exists()
    assert not Batch.objects.visible_to(clerk).filter(pk=batch.pk).exists()
    with pytest.raises(PermissionDenied):
        handed_in([line("虚构乙")], by=clerk, unit=unit)
    with pytest.raises(Http404):
        transitions.propose(batch_id=batch.pk, by=neighbour_clerk)
    transitions.propose(batch_id=batch.pk, by=officer)


def test_nothing_is_put_before_a_unit_that_has_no_business_with_it(platform, neighbour_officer):
    with pytest.raises(TransitionError, match="不由县教委报送"):
        handed_in([line("虚构乙")], by=platform, unit=Unit.objects.get(pk=neighbour_officer.unit_id))
    assert not Batch.objects.exists()


def test_another_list_of_the_same_length_is_no_small_change(clerk):
    rows = [line(f"虚构{word}") for word in "乙丙丁戊己"]
    entered(rows, by=clerk)
    batch = read([*rows[:3], line("虚构庚"), line("虚构辛")], by=clerk, template="test:whole")
    assert (batch.counts["new"], batch.counts["gone"], batch.counts["jump"], batch.needs_second) == (2, 2, -40, True)
    with pytest.raises(TransitionError, match="名单比上期变动40%（上期5条，新增2条，消失2条），达到30%的核对线"):
        transitions.propose(batch_id=batch.pk, by=clerk)


@pytest.mark.parametrize(("jump", "said"), [(1_000, "增加1000%（"), (1_001, "增加超过10倍（"), (-40, "减少40%（")])
def test_how_much_a_list_jumps_is_said_so_that_it_can_be_grasped(jump, said):
    batch = Batch(counts={"jump": jump, "new": max(jump, 0), "gone": max(-jump, 0)}, standing=1)
    assert transitions.comparing.jump_in_words(batch).startswith(f"名单比上期{said}")


def test_a_reason_is_said_of_one_comparison(clerk, approver):
    rows = [line(f"虚构{word}") for word in "乙丙丁戊"]
    entered(rows, by=clerk)
    batch = read(rows[:2], by=clerk, template="test:whole")
    transitions.propose(batch_id=batch.pk, jump_reason="两户迁出本县", by=clerk)
    transitions.send_back(batch_id=batch.pk, reason="再核对", by=approver)
    transitions.take_out_row(batch_id=batch.pk, row_id=StagedRow.objects.filter(batch=batch, number=3).get().pk, by=clerk)
    with pytest.raises(TransitionError, match="减少75%"):
        transitions.propose(batch_id=batch.pk, by=clerk)


def test_a_whole_list_that_jumps_stops_until_somebody_says_why(clerk, approver):
    numbers = [id_number() for _ in range(4)]
    rows = [line(f"虚构{word}", number) for word, number in zip("乙丙丁戊", numbers, strict=True)]
    entered(rows, by=clerk)
    batch = read(rows[:2], by=clerk, template="test:whole")
    assert (batch.counts["gone"], batch.counts["jump"], batch.standing, batch.needs_second) == (2, -50, 4, True)
    with pytest.raises(TransitionError, match="名单比上期减少50%（上期4条，新增0条，消失2条），达到30%的核对线"):
        transitions.propose(batch_id=batch.pk, by=clerk)
    with pytest.raises(TransitionError, match="证件号码"):
        transitions.propose(batch_id=batch.pk, jump_reason=f"{numbers[0]}迁出", by=clerk)
    transitions.propose(batch_id=batch.pk, jump_reason="两户迁出本县", by=clerk)
    transitions.confirm(batch_id=batch.pk, by=approver)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.jump_reason) == (S.APPLIED, "两户迁出本县")
    assert Person.objects.filter(phone_sealed="").count() == 2


def test_nobody_is_gone_by_a_slip_of_the_pen(clerk):
    rows = [line(f"虚构{word}") for word in "乙丙丁戊己"]
    entered(rows, by=clerk)
    wrong = line("虚构己", rows[4][1][:17] + "*")
    batch = read([*rows[:4], wrong], by=clerk, template="test:whole")
    assert (batch.counts["error"], batch.counts["unknown"]) == (1, 1)
    with pytest.raises(TransitionError, match="有1行看不出是谁"):
        transitions.propose(batch_id=batch.pk, by=clerk)
    row = StagedRow.objects.get(batch=batch, outcome="error")
    transitions.mend_row(
        batch_id=batch.pk, row_id=row.pk, values={"name": "虚构己", "id_number": rows[4][1], "phone": "13800138000"}, by=clerk
    )
    batch.refresh_from_db()
    assert (batch.counts.get("error", 0), batch.counts.get("gone", 0), batch.counts["same"]) == (0, 0, 5)


def test_nobody_is_gone_by_another_ones_number(clerk):
    """Copied down a line, or sorted wrongly: before the other's own line, behind it, or in its place."""
    rows = [line(f"虚构{word}") for word in "乙丙丁戊己"]
    entered(rows, by=clerk)
    other, own = rows[3], rows[4]
    wrong = line("虚构己", other[1])
    for lines, errors_of in (([other, wrong], 1), ([wrong, other], 2), ([wrong], 1)):
        batch = read([*rows[:3], *lines], by=clerk, template="test:whole")
        assert {key: batch.counts[key] for key in ("error", "gone", "unknown")} == {"error": errors_of, "gone": 1, "unknown": 1}
        with pytest.raises(TransitionError, match="有1行看不出是谁"):
            transitions.propose(batch_id=batch.pk, jump_reason="已核对", by=clerk)
        row = StagedRow.objects.get(batch=batch, name="虚构己", number__gt=0)
        if lines == [other, wrong]:
            assert (row.problems, row.marks) == ([["id_number", "号码与第5行相同而姓名不同，请核对号码。"]], ["same_number"])
            typed = {"name": "虚构己", "id_number": own[1], "phone": "13800138000", "township": "忠州街道"}
            transitions.mend_row(batch_id=batch.pk, row_id=row.pk, values=typed, by=clerk)
            batch.refresh_from_db()
            assert (batch.counts.get("error", 0), batch.counts["unknown"], batch.counts["same"]) == (0, 0, 5)
        transitions.drop(batch_id=batch.pk, reason="试传", by=clerk)


def test_a_misspelt_name_keeps_no_list_from_its_entry(clerk):
    rows = [line(f"虚构{word}") for word in "乙丙丁戊己"]
    entered(rows, by=clerk)
    batch = read([*rows[:3], line("虚构误", rows[3][1])], by=clerk, template="test:whole")
    assert {key: batch.counts[key] for key in ("error", "gone", "unknown")} == {"error": 1, "gone": 1, "unknown": 0}


def test_the_wrong_rows_of_a_whole_list_are_not_the_list_without_their_last_column_either(clerk):
    rows = [line(f"虚构{word}") for word in "乙丙丁"]
    wrong = read([*rows[:2], line("虚构丁", rows[2][1], amount="三百")], by=clerk, template="test:whole")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(errors.workbook_of(wrong, people.WHOLE, clerk))))
    sheet = book.worksheets[0]
    sheet.delete_cols(len(HEADS) + 1)
    sheet.cell(4, HEADS.index("月保障金额") + 1).value = "300"

    def handed_in_now():
        out = io.BytesIO()
        book.save(out)
        return read([], by=clerk, template="test:whole", file_name="名单.xlsx", octets=out.getvalue())

    batch = handed_in_now()
    assert batch.status == S.REFUSED
    assert "这是错误行的文件，不是整份名单" in batch.refusal
    assert "抄到空白模板里上传" in batch.refusal  # a list that shrank to so many in this very workbook
    assert not StagedRow.objects.filter(batch=batch).exists()
    for number, row in enumerate(rows[:2], 5):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    whole = handed_in_now()
    assert (whole.status, whole.rows) == (S.READY, 3)


def test_an_error_whose_person_is_known_is_no_departure(clerk):
    rows = [line("虚构乙"), line("虚构丙")]
    entered(rows, by=clerk)
    rows[1][HEADS.index("起始日期")] = "前年"
    batch = read(rows, by=clerk, template="test:whole")
    assert outcomes(batch) == [(2, "same"), (3, "error")]
    assert batch.counts["unknown"] == 0


def test_rows_with_errors_are_left_out_and_a_row_is_mended_in_place(clerk):
    twice = id_number()
    batch = read([line("虚构乙", twice), line("虚构丙", amount="三百"), line("虚构乙", twice)], by=clerk)
    assert outcomes(batch) == [(2, "new"), (3, "error"), (4, "error")]
    wrong, repeated = StagedRow.objects.filter(batch=batch, outcome="error").order_by("number")
    assert wrong.cells["?amount"] == "三百"
    assert wrong.problems[0][0] == "amount"
    assert repeated.problems == [["id_number", "与第2行重复：证件号码相同。同一对象只填一行。"]]
    transitions.mend_row(batch_id=batch.pk, row_id=wrong.pk, values={"name": "虚构丙", "amount": "300", "township": "忠州街道"}, by=clerk)
    transitions.take_out_row(batch_id=batch.pk, row_id=repeated.pk, by=clerk)
    batch.refresh_from_db()
    assert outcomes(batch) == [(2, "new"), (3, "new")]
    wrong.refresh_from_db()
    assert (wrong.cells["amount"], wrong.person_digest is not None, batch.rows) == ("300.00", True, 2)
    transitions.propose(batch_id=batch.pk, by=clerk)
    with pytest.raises(TransitionError, match="现为“入库中”|文件已提交"):
        transitions.mend_row(batch_id=batch.pk, row_id=wrong.pk, values={}, by=clerk)
    run()
    assert Person.objects.count() == 2
    assert Person.objects.get(name="虚构丙").phone.text == "138****8000", "a sealed cell nobody typed again stays"


def test_a_sealed_cell_that_need_not_be_there_is_emptied(clerk, signed_in):
    """A telephone typed into another's row; the number that a row is of is typed anew or stays."""
    batch = read([line("虚构乙", card="6217000000000000099"), line("虚构丙", phone="1380013800", card="6217000000000000099")], by=clerk)
    right, wrong = StagedRow.objects.filter(batch=batch).order_by("number")
    client, address = signed_in(clerk), f"/spreadsheets/batches/{batch.pk}/rows/{right.pk}/"
    form = client.get(address).content.decode()
    assert ("清空联系电话" in form, "清空银行账号" in form, "清空证件号码" in form) == (True, True, False)
    given = {"name": "虚构乙", "township": "忠州街道"}
    both = client.post(address, {**given, "phone": "13900139000", "empty-phone": "on"})
    assert (both.status_code, "请只选一种" in both.content.decode()) == (422, True)
    client.post(address, {**given, "empty-phone": "on"})
    right.refresh_from_db()
    assert (right.outcome, "phone" in right.cells, "phone" in right.sealed) == ("new", False, False)
    assert (right.cells["card"], right.person_digest is not None) == ("尾号0099", True)
    assert "清空联系电话" not in client.get(address).content.decode()
    transitions.mend_row(batch_id=batch.pk, row_id=wrong.pk, values={**given, "name": "虚构丙", "phone": None}, by=clerk)
    wrong.refresh_from_db()
    assert (wrong.outcome, wrong.problems, "phone" in wrong.sealed) == ("new", [], False)
    transitions.mend_row(batch_id=batch.pk, row_id=wrong.pk, values={**given, "id_number": None}, by=clerk)
    wrong.refresh_from_db()
    assert (wrong.outcome, [key for key, _ in wrong.problems]) == ("error", ["id_number"]), "what must be there is wanting then"
    transitions.drop(batch_id=batch.pk, reason="试传", by=clerk)


def test_what_the_owner_finds_wrong_is_found_anew_each_time(clerk):
    number = id_number()
    entered([line("虚构乙", number)], by=clerk)
    batch = read([line("虚构错", number), line("虚构丙")], by=clerk)
    row = StagedRow.objects.get(batch=batch, outcome="error")
    assert (row.marks, row.problems) == (["name_differs"], [["name", "证件号码登记的姓名与表中不同。"]])
    transitions.mend_row(batch_id=batch.pk, row_id=row.pk, values={"name": "虚构乙"}, by=clerk)
    row.refresh_from_db()
    assert (row.outcome, row.marks, row.problems) == ("same", [], [])


def test_a_door_hears_of_both_in_the_same_transaction(clerk):
    door = people.Rounds()
    declaration.register_door("test.rounds", door)
    batch = entered([line("虚构乙")], by=clerk, door="test.rounds", subject=clerk.unit)
    assert (batch.subject_label, batch.subject_id) == ("organization.unit", str(clerk.unit_id))
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert door.told == [("applied", batch.pk), ("undone", batch.pk)]


def test_undoing_waits_for_nobody_who_built_on_it(clerk, clock):
    batch = entered([line("虚构乙"), line("虚构丙")], by=clerk)
    Person.objects.filter(name="虚构乙").update(name_initials="xgy2")
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert Job.objects.get(kind="spreadsheets.undo").error == "入库之后已有变动，不能整批撤销：person1条。请按业务流程逐条更正。"
    assert Person.objects.count() == 2
    clock.forward(hours=73)
    with pytest.raises(TransitionError, match="入库已超过72小时"):
        transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)


def test_what_names_a_new_row_without_a_key_keeps_it(clerk):
    batch = entered([line("虚构乙")], by=clerk)
    open_duty(clerk, Person.objects.get(), title="核对虚构人员")
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert Job.objects.get(kind="spreadsheets.undo").error == "入库的记录后来又有事项期限1条，不能整批撤销。请按业务流程逐条更正。"
    assert Person.objects.count() == 1


def test_an_owner_may_refuse_to_undo(clerk, owner):
    batch = entered([line("虚构乙")], by=clerk)
    owner.refusal_of_undo = lambda batch, template: "决定已经送达，不能整批撤销。"
    page = BatchPage(batch, clerk)  # which offers no button that is refused
    assert (page.may_undo, page.held) == (False, "决定已经送达，不能整批撤销。")
    with pytest.raises(TransitionError, match="决定已经送达"):
        transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)


def test_a_file_that_turns_out_too_long_while_it_is_staged_is_refused_with_its_sentence(clerk, monkeypatch):
    figure = reading.figure
    monkeypatch.setattr(reading, "figure", lambda key: 3_000 if key == "import_rows_max" else figure(key))
    number = id_number()
    batch = read([line("虚构乙", number)] * 5_000, by=clerk)
    assert (batch.status, "3000行" in batch.refusal) == (S.REFUSED, True)
    assert not StagedRow.objects.filter(batch=batch).exists()


def test_what_is_no_table_is_refused_with_a_sentence(clerk):
    batch = read([], by=clerk, octets=b"\x00\x01\x02 nothing")
    assert (batch.status, bool(batch.refusal)) == (S.REFUSED, True)
    assert not Upload.objects.exists()
    with pytest.raises(TransitionError, match="文件是空的"):
        handed_in([], by=clerk, octets=b"")
    with pytest.raises(TransitionError, match="不能晚于今天"):
        handed_in([line()], by=clerk, as_of=house_clock.today() + timedelta(days=1))


def test_a_lost_file_says_so(clerk):
    batch = handed_in([line("虚构乙")], by=clerk)
    Upload.objects.filter(pk=batch.pk).update(sealed=b"k:nonsense")
    run()
    batch.refresh_from_db()
    assert batch.refusal == "暂存的文件打不开了，请重新上传。"


def test_what_nobody_confirms_goes_in_its_time(clerk, clock):
    waiting, done = read([line("虚构乙")], by=clerk), entered([line("虚构丙")], by=clerk)
    unread = handed_in([line("虚构戊")], by=clerk)
    clock.forward(days=31)
    assert transitions.tidy() == (2, 0)
    waiting.refresh_from_db()
    unread.refresh_from_db()
    assert (unread.status, Upload.objects.exists()) == (S.DROPPED, False)
    assert (waiting.status, waiting.dropped_by.unit.kind) == (S.DROPPED, "system")
    assert not StagedRow.objects.filter(batch=waiting).exists()
    assert StagedRow.objects.filter(batch=done).exists()
    assert not Effect.objects.exists(), "past the hours of undoing"
    clock.forward(days=400)
    assert transitions.tidy() == (0, 1)
