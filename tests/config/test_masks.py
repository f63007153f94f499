import pytest

from config.protection.masks import mask_bank_account, mask_id_number, mask_name, mask_phone, mask_text


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("500233199001011234", "500233********1234"),
        ("50023319900101123X", "500233********123X"),
        ("50023319900101123441", "500233********1234**"),
        ("50023319900101123441B1", "500233********1234****"),
        ("512223650101123", "512223*****1123"),
        ("CHN110080010112", "CHN********0112"),
        ("WZ500233202600001X", "WZ5002********001X"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_mask_id_number(number, masked):
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13812341234", "138****1234"), ("023-54231234", "023-****1234"), ("54231234", "****1234"), ("110", "***"), ("", "")],
)
def test_mask_phone(number, masked):
    assert mask_phone(number) == masked


@pytest.mark.parametrize(("number", "masked"), [("6222021234561234", "尾号1234"), ("1234", "****"), ("", "")])
def test_mask_bank_account(number, masked):
    assert mask_bank_account(number) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小芳", "张*芳"),
        ("张芳", "张*"),
        ("欧阳芳", "欧阳*"),
        ("欧阳小芳", "欧阳*芳"),
        ("张王小芳", "张**芳"),
        ("欧阳", "欧*"),
        ("买买提·吐尔逊", "买**·吐**"),
        ("John Smith", "J*** S****"),
        ("芳", "*"),
        ("𠮷田丽", "𠮷*丽"),
        ("", ""),
    ],
)
def test_mask_name(name, masked):
    assert mask_name(name) == masked


def test_mask_text_shows_only_that_there_is_one():
    assert mask_text("高血压") == "已填写"
    assert mask_text("") == ""
