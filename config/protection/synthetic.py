"""People who do not exist, for tests, demo and measurements: names by chance, numbers whose area belongs to nobody (RULES C4)."""

from datetime import date
from random import Random

from .identity import SYNTHETIC_AREAS, Sex, check_character

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "英华玉秀明珍文芳兰国丽桂荣平林素云红生建凤春梅海金小志德美军成永光强杰伟敏静磊洋艳勇娟涛超霞刚辉燕玲娜波鹏宇浩凯健俊帆雪慧晶欣怡"
    "子轩梓涵雨泽诺一可馨思佳瑞博天佑安琪嘉诗晨曦语桐依沐宸昊然皓铭若汐月清远山川江河湖松柏竹菊莲荷蓉容庆祥福禄寿喜财富贵康宁泰和顺利"
    "全胜贤良忠孝仁义礼智信"
)


def synthetic_names(count: int, rng: Random) -> list[str]:
    """Names with frequencies that fall off as real ones do: the commonest surname about a tenth, 18 % of two characters."""
    surnames = rng.choices(SURNAMES, [1 / (place + 2) for place in range(len(SURNAMES))], k=count)
    weights = [1 / (place + 10) for place in range(len(GIVEN))]
    first, second = rng.choices(GIVEN, weights, k=count), rng.choices(GIVEN, weights, k=count)
    return [s + a + (b if rng.random() > 0.18 else "") for s, a, b in zip(surnames, first, second, strict=True)]


def synthetic_id_number(rng: Random, birth_on: date, sex: Sex | str, area: str = SYNTHETIC_AREAS[0]) -> str:
    """An ID number of an unassigned area with a right check character; refused wherever real people are registered."""
    return numbered_id(birth_on, rng.randrange(0, 1000, 2) + (Sex(sex) is Sex.MALE), area)


def numbered_id(birth_on: date, serial: int, area: str = SYNTHETIC_AREAS[0]) -> str:
    """The same with a given serial of the day, 0 to 999, odd for men: for makers of many who must not meet."""
    if area not in SYNTHETIC_AREAS:
        raise ValueError("only unassigned areas: the number could be somebody's")
    first17 = f"{area}{birth_on:%Y%m%d}{serial:03}"
    return first17 + check_character(first17)
