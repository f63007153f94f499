"""Surnames that are not read as the dictionary's first reading. Tones as digits: they order names, and are dropped from what is typed."""

_READINGS = """
万俟=mo4 qi2  尉迟=yu4 chi2  单于=chan2 yu2  澹台=tan2 tai2  令狐=ling2 hu2  长孙=zhang3 sun1  宰父=zai3 fu3
亓官=qi2 guan1  乐正=yue4 zheng4  颛孙=zhuan1 sun1  鲜于=xian1 yu2  皇甫=huang2 fu3  呼延=hu1 yan2
拓跋=tuo4 ba2  夹谷=jia2 gu3  单=shan4  曾=zeng1  仇=qiu2  解=xie4  区=ou1  朴=piao2  任=ren2  华=hua4
盖=ge3  查=zha1  洗=xian3  繁=po2  员=yun4  贠=yun4  种=chong2  黑=he4  乐=yue4  召=shao4  缪=miao4  秘=bi4
折=she2  翟=zhai2  隗=wei3  郇=xun2  祭=zhai4  过=guo1  葛=ge3  覃=qin2  那=na1  宁=ning4  句=gou1
占=zhan1  干=gan1  薄=bo2  燕=yan1  相=xiang4  都=du1  郗=chi1  於=yu1  阚=kan4  纪=ji3  哈=ha3  撒=sa3
卜=bu3  佴=nai4
"""
READINGS: dict[str, tuple[str, ...]] = {
    surname: tuple(reading.split())
    for surname, reading in (entry.split("=") for entry in _READINGS.replace("\n", "  ").split("  ") if entry)
}


def surname_reading(name: str) -> tuple[str, ...]:
    """The reading of the surname a name begins with, compound surnames first; () when the dictionary's first reading is right."""
    if len(name) < 2:
        return ()
    return READINGS.get(name[:2], ()) or READINGS.get(name[0], ())
