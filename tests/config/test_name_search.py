"""PERFORMANCE 6: one, two or three characters anywhere in a name, and pinyin."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.protection.names import grams, name_key, name_keys, tidy_name
from tests.protection_app.models import Person

NAMES = [
    "张小芳",
    "张芳",
    "章小芳",
    "李小芳芳",
    "王秀英",
    "秀英王",
    "王英秀",
    "单雄信",
    "欧阳芳",
    "买买提·吐尔逊",
    "John Smith",
    "李𬭎",
    "吕丽",
    "张_芳",
    "张%芳",
]


INDEX_OF_TERM = {"芳": "grams", "小芳": "grams", "张小芳": "grams", "zx": "initials", "zhangx": "pinyin", "张xf": "initials"}


@pytest.fixture
def people(db):
    return Person.objects.bulk_create([Person(name=name) for name in NAMES])


def found(term):
    return [person.name for person in Person.objects.names_like(term)]


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("芳", ["李小芳芳", "欧阳芳", "张_芳", "张%芳", "张芳", "张小芳", "章小芳"]),
        ("小芳", ["李小芳芳", "张小芳", "章小芳"]),
        ("小芳芳", ["李小芳芳"]),
        ("张小芳", ["张小芳"]),
        ("秀英", ["秀英王", "王秀英"]),
        ("王秀英", ["王秀英"]),
        ("英王", ["秀英王"]),
        ("提吐", ["买买提·吐尔逊"]),
        ("买买提吐尔逊", ["买买提·吐尔逊"]),
        ("买买提•吐", ["买买提·吐尔逊"]),
        ("𬭎", ["李𬭎"]),
        ("张 小 芳", ["张小芳"]),
        ("zxf", ["张小芳", "章小芳"]),
        ("ZX", ["张小芳", "章小芳"]),
        ("zhangxiaof", ["张小芳", "章小芳"]),
        ("zhang fang", ["张芳"]),
        ("sxx", ["单雄信"]),
        ("shan", ["单雄信"]),
        ("dan", []),
        ("lv", ["吕丽"]),
        ("lü", ["吕丽"]),
        ("lyu", ["吕丽"]),
        ("smith", ["John Smith"]),
        ("js", ["John Smith"]),
        ("张xf", ["张小芳"]),
        ("张xiaof", ["张小芳"]),
        ("欧阳f", ["欧阳芳"]),
        ("单xx", ["单雄信"]),
        ("无此人", []),
        ("", []),
        (" · ", []),
        ("%", ["张%芳"]),
        ("_芳", ["张_芳"]),
        ("' OR 1=1 --", []),
    ],
)
def test_names_like(people, term, names):
    assert sorted(found(term)) == sorted(names)


def test_results_are_in_name_order(people):
    names = found("芳")
    assert names == sorted(names, key=lambda name: name_keys(name).order.encode())


def test_keys_follow_the_name(people):
    person = Person.objects.get(name="张小芳")
    person.name = " 曾 小芳"
    person.save(update_fields=Person.NAME_COLUMNS)
    person.refresh_from_db()
    assert (person.name, person.name_pinyin, person.name_initials) == ("曾小芳", "zengxiaofang", "zxf")
    assert found("曾") == ["曾小芳"]


def test_gate_and_search_combine(people):
    assert Person.objects.visible_to(None).names_like("芳").count() == 0


class TestAgainstPlainPython(TestCase):
    """The index finds what a scan of every name would, and nothing else."""

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text("张李小芳英·𬭎ab 王", min_size=1, max_size=6), max_size=8), st.text("张李小芳英𬭎王", min_size=1, max_size=4))
    def test_same_as_a_scan(self, names, term):
        people = [Person(name=name) for name in names if tidy_name(name)]
        Person.objects.bulk_create(people)
        expected = sorted(person.name for person in people if name_key(term) in name_key(person.name))
        assert sorted(found(term)) == expected

    @settings(max_examples=60, deadline=None)
    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10))
    def test_sql_and_python_agree_on_grams(self, name):
        """For every name but those whose lower case differs between Unicode and C collation."""
        if not name.isascii() and name.lower() != name:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT name_grams(%s), name_key(%s)", [name, name])
            in_sql, key = cursor.fetchone()
        assert (in_sql or [], key) == (grams(name_key(name)), name_key(name))


def test_search_uses_its_indexes(people):
    """Sequential scans forbidden, every kind of term has an index to stand on."""
    for term, index in INDEX_OF_TERM.items():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Person.objects.names_like(term).explain()
        assert f"person_name_{index}" in plan, plan
        assert "Seq Scan" not in plan, plan


def test_order_index_is_never_walked_for_a_search(people):
    """With LIMIT the planner would read the whole order index for names that stand at its end."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    assert "person_by_name" in Person.objects.order_by("name_order", "id")[:50].explain()
    assert "person_by_name" not in str(Person.objects.names_like("小芳")[:50].explain())
