"""An owner of the tests: a list of people with their telephone, kept in a table of the tests. Whoever is not on a whole list loses his."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from audit.transitions import record_from
from config.verbs import TransitionError
from spreadsheets import declaration, effects, staged
from spreadsheets.declaration import Comparison, Field, Template, Type
from tests.protection_app.models import Person

FIELDS = (
    Field("name", "姓名", Type.NAME, required=True),
    Field("id_number", "证件号码", Type.ID_NUMBER, required=True, sealed_in=(Person, "id_number")),
    Field("phone", "联系电话", Type.PHONE, sealed_in=(Person, "phone")),
    Field("card", "银行账号", Type.BANK_ACCOUNT),
    Field("township", "乡镇", Type.TOWNSHIP),
    Field("amount", "月保障金额", Type.MONEY, aliases=("金额",)),
    Field("since", "起始日期", Type.DATE),
    Field("is_farmer", "是否农户", Type.YES_NO),
    Field("note", "备注"),
)
ADDED = Template(key="test:added", title="测试名册", fields=FIELDS, key_fields=("id_number",))
WHOLE = Template(key="test:whole", title="测试整份名单", fields=FIELDS, key_fields=("id_number",), is_whole=True)
KEPT = Template(key="test:kept", title="测试在册名单", fields=FIELDS, key_fields=("id_number",), of_the_registered=True)
FOUND = """
    UPDATE spreadsheets_stagedrow AS s SET
        subject_id = p.id, person_id = p.id,
        outcome = CASE WHEN p.id IS NULL THEN 'new' WHEN p.phone_digest IS DISTINCT FROM r.phone_digest THEN 'changed' ELSE 'same' END,
        before = CASE WHEN p.phone_digest IS DISTINCT FROM r.phone_digest AND p.id IS NOT NULL
                      THEN jsonb_build_object('phone', p.phone_masked) ELSE '{{}}' END
    FROM ({rows}) AS r LEFT JOIN protection_app_person AS p ON p.id_number_digest = r.id_number_digest
    WHERE s.id = r.id
"""
NAMED = """
    SELECT r.id, '证件号码登记的姓名与表中不同。', 'name_differs' FROM ({rows}) AS r
    JOIN protection_app_person AS p ON p.id_number_digest = r.id_number_digest WHERE p.name <> r.name
"""
GONE = """
    INSERT INTO spreadsheets_stagedrow (
        batch_id, number, outcome, cells, sealed, name, region_code, new_id, subject_id, person_id, before, problems, marks
    )
    SELECT %s, 0, 'gone', jsonb_build_object('id_number', p.id_number_masked), '{}', p.name, '', gen_random_uuid(), p.id, p.id,
        jsonb_build_object('phone', p.phone_masked), '[]', '{}'
    FROM protection_app_person AS p
    WHERE p.phone_sealed <> '' AND NOT EXISTS (
        SELECT FROM spreadsheets_stagedrow AS s WHERE s.batch_id = %s AND s.person_digest = p.id_number_digest
    )
"""
ENTER = """
    INSERT INTO protection_app_person (
        id, name, name_order, name_pinyin, name_initials, id_number_sealed, id_number_digest, id_number_masked,
        phone_sealed, phone_digest, phone_masked, bank_account_sealed, bank_account_masked, diagnosis_sealed, diagnosis_masked
    )
    SELECT r.new_id, r.name, r.name, '', '', r.id_number_sealed, r.id_number_digest, r.id_number,
        coalesce(r.phone_sealed, ''), r.phone_digest, coalesce(r.phone, ''), '', '', '', '' FROM ({rows}) AS r WHERE r.outcome = 'new'
"""
RING = """
    UPDATE protection_app_person AS p SET phone_sealed = '', phone_digest = NULL, phone_masked = ''
    FROM spreadsheets_stagedrow AS s WHERE s.batch_id = %s AND s.outcome IN ('changed', 'gone') AND p.id = s.subject_id
"""


class People:
    """`fails`: what the next apply raises once it has written."""

    fails: Exception | None = None

    def template(self, name: str) -> Template | None:
        return {"added": ADDED, "whole": WHOLE, "kept": KEPT}.get(name)

    def listed_for(self, post: Any) -> Sequence[Template]:
        return [ADDED, WHOLE] if self.may_hand_in(post, ADDED) else []

    def may_hand_in(self, post: Any, template: Template) -> bool:
        return post.role in {"T", "TA", "B", "BA"} or post.department_codes & {"CL"}

    def rows_for(self, post: Any, template: Template) -> Sequence[dict[str, Any]]:
        return []

    def compare(self, batch: Any, template: Template) -> Comparison:
        rows = staged.typed(template)
        staged.refuse(batch, "name", NAMED.format(rows=rows), [batch.pk])
        with connection.cursor() as cursor:
            cursor.execute(FOUND.format(rows=rows), [batch.pk])
            if template.is_whole:
                cursor.execute(GONE, [batch.pk, batch.pk])
        return Comparison(standing=Person.objects.exclude(phone_sealed="").count(), remarks=(("登记在册", Person.objects.count()),))

    def apply(self, batch: Any, template: Template, by: Any) -> None:
        effects.insert(batch, Person, ENTER.format(rows=staged.typed(template)), [batch.pk])
        effects.update(batch, Person, RING, [batch.pk])
        record_from(
            "person.listed", Person, "spreadsheets_stagedrow AS t WHERE t.batch_id = %s AND t.outcome IN ('new', 'changed', 'gone')",
            [batch.pk], by=by, subject_id="coalesce(t.subject_id, t.new_id)",
        )  # fmt: skip
        if self.fails:
            raise self.fails

    def moved(self) -> None:
        self.fails = TransitionError("比对之后有变动。")


class Rounds:
    """A door that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def applied(self, batch: Any, by: Any) -> None:
        self.told.append(("applied", batch.pk))

    def undone(self, batch: Any, by: Any) -> None:
        self.told.append(("undone", batch.pk))

    def way_back(self, batch: Any) -> tuple[str, str] | None:
        return None


def register() -> People:
    owner = People()
    declaration.register("test", owner)
    return owner
