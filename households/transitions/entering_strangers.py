"""Whom a sheet names and the register lacks becomes a resident without household (未归户). Inner, of the entry of a file."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record_from
from config import clock
from config.arrays import array
from config.protection.identity import IdCheck, Sex, check_id_number, guess_id_type
from config.protection.names import name_keys, tidy_name
from config.protection.sealing import unseal_many
from config.verbs import TransitionError
from spreadsheets import effects

from ..models import Resident
from ..sheets.people import asked, masked, run

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.declaration import Template
    from spreadsheets.models import Batch

STRANGERS = """
    SELECT DISTINCT ON (s.person_digest) s.id, s.new_id, s.name, s.sealed #>> ARRAY[%s, 's']
    FROM spreadsheets_stagedrow s
    WHERE s.batch_id = %s AND s.outcome IN ('new', 'changed', 'same') AND s.number > 0
        AND s.person_id IS NULL AND s.person_digest IS NOT NULL
    ORDER BY s.person_digest, s.number, s.id
"""
ENTER = """
    INSERT INTO households_resident (
        id, name, name_pinyin, name_initials, name_order, id_type, id_number_sealed, id_number_digest, id_number_masked,
        sex, birth_on, region_id, registered_place, phone_sealed, phone_digest, phone_masked, bank_account_sealed, bank_account_masked,
        bank_name, is_synthetic, entered_at, entered_by_id
    )
    SELECT s.new_id, k.name, k.pinyin, k.initials, k.ordered, k.id_type, s.sealed #>> ARRAY[%s, 's'], s.person_digest, s.cells ->> %s,
        k.sex, k.birth_on, {region}, {place}, {phone}, '', '', '', k.is_synthetic, %s, %s
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::boolean[])
        AS k (id, name, pinyin, initials, ordered, id_type, sex, birth_on, is_synthetic)
    JOIN spreadsheets_stagedrow s ON s.id = k.id {joined}
"""
# What a row `s` of most sheets says beside name and number.
SAID = {"joined": "", "region": "s.region_code", "place": "''", "phone": "'', NULL::uuid, ''"}
NOW_KNOWN = """
    UPDATE spreadsheets_stagedrow s SET person_id = p.id
    FROM households_resident p
    WHERE s.batch_id = %s AND s.person_id IS NULL AND s.person_digest = p.id_number_digest AND s.outcome IN ('new', 'changed', 'same')
"""


@sensitive_variables()
@transaction.atomic
def enter_strangers(
    *, batch: "Batch", template: "Template", by: "Post", note: str = "由导入的名册登记，未归户", said: Mapping[str, str] = SAID
) -> int:
    """Residents without household for the rows that are applied and that the register lacks, each once; their rows then name them.

    Birth and sex are told by the number, which is opened for that alone. The ciphertext moves as it is: it was sealed for `new_id`.

    Raises:
        TransitionError: of whom the register kept the number when the file was read, it keeps another now.
    """
    rows = asked(STRANGERS, [template.person, batch.pk])
    if not rows:
        return 0
    if lost := sum(token is None for *_, token in rows):
        raise TransitionError(f"比对之后有{lost}行的人员更正了证件号码。")
    names, papers = [tidy_name(name) for _, _, name, _ in rows], _papers(rows)
    keys = list(map(name_keys, names))
    columns = [
        [pk for pk, *_ in rows], names, [key.pinyin for key in keys], [key.initials for key in keys],
        [key.order for key in keys], [str(paper.id_type) for paper in papers], [str(paper.sex or Sex.UNKNOWN) for paper in papers],
        [paper.birth_on for paper in papers], [paper.is_synthetic for paper in papers],
    ]  # fmt: skip
    values = [template.person, template.person, clock.now(), by.pk, *map(array, columns)]
    made = effects.insert(batch, Resident, ENTER.format(**said), values)
    run(NOW_KNOWN, [batch.pk])
    record_from(
        "resident.entered", Resident, "households_resident t WHERE t.id = ANY(%s::uuid[])", [array(row[1] for row in rows)], by=by,
        new="CASE t.id_type WHEN 'resident' THEN '居民身份证' ELSE '其他证件' END", subject_text=masked("t.name"),
        note=f"'{note}'", data=f"jsonb_build_object('batch', '{batch.pk}')",
    )  # fmt: skip
    return made


@sensitive_variables()
def _papers(rows: Sequence[tuple[Any, ...]]) -> list[IdCheck]:
    today, numbers = clock.today(), unseal_many(Resident, "id_number", ((new_id, token) for _, new_id, _, token in rows))
    return [check_id_number(number, guess_id_type(number), on=today, allow_synthetic=True) for number in numbers]
