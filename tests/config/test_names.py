"""PERFORMANCE 6: how names are tidied, read and ordered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.protection.names import grams, name_key, name_keys, pinyin_term, tidy_name
from config.protection.surnames import READINGS

han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" 张 三 ", "张三"),
        ("张　三丰", "张三丰"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提 ・ 吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("Ｊohn  Smith", "John Smith"),
        ("", ""),
    ],
)
def test_tidy_name(typed, name):
    assert tidy_name(typed) == name


@given(st.text(max_size=20))
def test_tidying_twice_changes_nothing(text):
    assert tidy_name(tidy_name(text)) == tidy_name(text)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("张小芳", "zhangxiaofang", "zxf"),
        ("吕丽", "lvli", "ll"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("曾国华", "zengguohua", "zgh"),
        ("仇英", "qiuying", "qy"),
        ("解缙", "xiejin", "xj"),
        ("区大伟", "oudawei", "odw"),
        ("朴正", "piaozheng", "pz"),
        ("任小平", "renxiaoping", "rxp"),
        ("盖世", "geshi", "gs"),
        ("查良", "zhaliang", "zl"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("尉文", "weiwen", "ww"),
        ("万俟春", "moqichun", "mqc"),
        ("令狐冲", "linghuchong", "lhc"),
        ("单于明", "chanyuming", "cym"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("缪小华", "miaoxiaohua", "mxh"),
        ("庹红", "tuohong", "th"),
        ("冉光荣", "ranguangrong", "rgr"),
        ("谭小单", "tanxiaodan", "txd"),
        ("买买提·吐尔逊", "maimaitituerxun", "mmttex"),
        ("John Smith", "johnsmith", "js"),
        ("李𬭎", "lihong", "lh"),
        ("单", "dan", "d"),
        ("", "", ""),
    ],
)
def test_name_keys(name, pinyin, initials):
    keys = name_keys(name)
    assert (keys.pinyin, keys.initials) == (pinyin, initials)


def test_every_surname_of_the_table_is_read_by_it():
    assert len(READINGS) > 50
    for surname, reading in READINGS.items():
        letters = "".join(syllable[:-1] for syllable in reading)
        assert name_keys(surname + "明").pinyin == letters + "ming", surname
        assert len(reading) == len(surname)


def test_names_are_ordered_as_an_office_orders_them():
    """Syllable, tone, character: a surname's people stand together, zhan before zhang."""
    ordered = ["安琪", "单雄信", "王芳", "王小芳", "詹天", "张爱国", "张小芳", "章宝", "章子"]
    mixed = [*ordered[5:], *ordered[:5]]
    assert sorted(mixed, key=lambda name: name_keys(name).order.encode()) == ordered


def test_rare_character_without_reading_keeps_its_place():
    keys = name_keys("张\U00031418明")
    assert keys.initials == "z\U00031418m"
    assert keys.order.startswith("zhang1张")


@given(han)
def test_keys_fit_their_columns(name):
    keys = name_keys(name)
    assert len(keys.initials) == len(name)
    assert all(character in keys.order for character in name)
    longest = name_keys(name * 60)
    assert len(name_keys((name * 60)[:60]).order) <= 500
    assert len(longest.pinyin) <= 500 * 4


def test_grams():
    assert grams(name_key("买买提·吐")) == ["买", "买", "提", "吐", "买买", "买提", "提吐"]
    assert grams("张") == ["张"]
    assert grams("") == []


@pytest.mark.parametrize(("typed", "term"), [("LÜ", "lv"), ("lyu", "lv"), ("nyuzhen", "nvzhen"), ("Zhang Xiao", "zhangxiao"), ("yu", "yu")])
def test_pinyin_term(typed, term):
    assert pinyin_term(typed.lower()) == term
