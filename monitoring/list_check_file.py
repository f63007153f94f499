"""The list that somebody hands in for 名单核身, read line by line: nothing of it is staged or kept."""

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from config import clock
from organization.figures import figure
from spreadsheets import headings, parsing, reading
from spreadsheets.declaration import Field, Template, Type
from spreadsheets.ground import Ground

from .transitions.list_checks import Line

TEMPLATE = Template(
    key="monitoring.list_check:list",
    title="名单核身",
    fields=(
        Field("id_number", "证件号码", Type.ID_NUMBER, required=True, aliases=("身份证号", "身份证号码", "公民身份号码", "证件号")),
        Field("name", "姓名", Type.NAME, aliases=("学生姓名", "人员姓名", "职工姓名"), help="填写的，与登记姓名核对；可以不填。"),
    ),
    key_fields=("id_number",),
    notes=("每行一人，最多5000人。", "证件号码按文本填写；写成数字的，末几位会丢失，不能核对。"),
    sensitive=True,
)
HEADS = 50  # lines above and below the list that are none of its rows


@sensitive_variables()
def read_list(octets: bytes) -> list[Line]:
    """Every line, right or wrong: a line twice is one person asked twice.

    Raises:
        FileRefused: no table, a hostile one, or one without a column of numbers.
    """
    found = reading.read(octets, looks_for=headings.looks_for(TEMPLATE), rows_max=int(figure("list_check_rows_max")) + HEADS)
    parsed = parsing.parse(found, TEMPLATE, ground=Ground(clock.today(), settings.IS_DEMO))
    return [
        Line(row.number, row.plain.get("id_number", ""), str(row.cells.get("name", "")), "".join(sentence for _, sentence in row.problems))
        for row in parsed.rows
    ]
