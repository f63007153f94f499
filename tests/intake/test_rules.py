"""Rules of the window on plain values."""

import pytest

from intake.rules import Demand, listed, merged, obtained_elsewhere


def demand(item, material="card", need="unless_proven", **changed):
    return Demand(**{"item": item, "material": material, "name": material, "condition": "", "need": need, **changed})


def test_one_reason_stands_alone_and_several_are_counted():
    assert listed(["甲。"]) == "甲。"
    assert listed(["甲。", "乙。"]) == "（一）甲。；（二）乙。"
    assert "（11）" in listed([str(n) for n in range(11)])


@pytest.mark.parametrize(
    ("obtained", "words"),
    [
        ("window", ""),
        ("school", ""),
        ("open_months", ""),
        ("employer", "用人单位"),
        ("without_application", "免申请"),
        ("on_the_spot", "现场"),
    ],
)
def test_how_it_is_obtained_instead(obtained, words):
    said = obtained_elsewhere("某项目", obtained, "县某局")
    assert bool(said) == bool(words)
    assert words in said


def test_the_stronger_need_of_two_items_stands():
    [paper] = merged([demand(1, need="exempt"), demand(2, need="required", name="原件"), demand(3)])
    assert (paper.need, paper.name, paper.items, paper.is_required) == ("required", "原件", (1, 2, 3), True)


def test_the_track_speaks_before_the_version_whichever_comes_first():
    of_track, of_version = demand(1, need="exempt", is_of_track=True), demand(1, need="required")
    assert [merged(both)[0].need for both in ([of_track, of_version], [of_version, of_track])] == ["exempt", "exempt"]


def test_a_case_of_one_item_gives_way_to_every_case_of_another():
    some, every = demand(1, condition="有残疾人的"), demand(2)
    assert merged([some, every])[0].is_required
    [paper] = merged([some, demand(2, condition="有学生的")])
    assert (paper.condition, paper.is_required) == ("有残疾人的；有学生的", False)


def test_papers_keep_the_order_in_which_they_are_asked_for():
    assert [paper.material for paper in merged([demand(1, "b"), demand(1, "a"), demand(2, "b")])] == ["b", "a"]


def test_the_basis_is_the_strongest_demands():
    assert merged([demand(1, need="exempt", basis="文件甲"), demand(2, need="exempt")])[0].basis == "文件甲"
