"""The first road as people walk it in pages: each function is one step of somebody at a browser and leaves the page where it led."""

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

from config import clock
from referrals.models import Referral
from tests.browser.conftest import Visitor, choose
from tests.documents.files import picture
from tests.households import factories

HEAD_BORN, WIFE_BORN = date(1975, 3, 4), date(1977, 6, 7)


def press(page: Page | Locator, name: str) -> None:
    stand(page)
    page.get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page | Locator, name: str) -> None:
    stand(page)
    page.get_by_role("link", name=name, exact=True).first.click()


def stand(page: Page | Locator) -> None:
    """Whole and with its scripts, which ask before an act and count what is ticked: a button can be clicked before they have run."""
    (page if isinstance(page, Page) else page.page).wait_for_load_state("domcontentloaded")


# ── the window ──────────────────────────────────────────────────────────────────────────────────────────────────────


def read_card(visitor: Visitor, number: str) -> Page:
    """A card reader types at the window: full width, and Enter at the end."""
    page = visitor.open("intake:window")
    field = page.get_by_label("身份证号")
    field.press_sequentially("".join(chr(ord(sign) + 0xFEE0) for sign in number))
    field.press("Enter")
    page.wait_for_url("**/intake/visits/*/")
    return page


def register_family(page: Page) -> None:
    """A couple whom nobody knows; the number that was read stands there already, and the page after is the visit again."""
    follow(page, "登记家庭")
    expect(page.locator("#id_members-0-birth_on")).to_have_value(HEAD_BORN.isoformat())
    choose(page, "region", "虚构一村")
    page.get_by_label("详细地址").fill("虚构组8号")
    page.locator("#id_members-0-name").fill("贺虚安")
    page.locator("#id_members-1-relation").select_option("10")
    page.locator("#id_members-1-name").fill("鲁虚宁")
    page.locator("#id_members-1-number").fill(factories.id_number(WIFE_BORN, "2"))
    page.get_by_role("button", name="登记", exact=True).dblclick()
    expect(page.get_by_role("heading", name="刚才登记的家庭")).to_be_visible()
    page.locator(".people li").filter(has_text="贺虚安").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("贺虚安")


def begin_application(page: Page) -> None:
    follow(page, "开始申请")
    page.get_by_role("button", name="建立申请").dblclick()
    expect(page.get_by_text("已建立申请草稿")).to_be_visible()


def assess(page: Page) -> None:
    page.get_by_label("因病").check()
    page.get_by_label("困难情况和原因").fill("户主患病住院两次，停工半年，家里没有其他收入。")
    page.get_by_label("人口结构").fill("夫妻二人")
    page.get_by_label("健康状况").fill("户主重病")
    page.get_by_label("劳动能力和条件").select_option("partial")
    page.get_by_label("刚性支出").fill("医药费每月约600元")
    page.get_by_label("申报家庭月收入（元）").fill("800")
    page.get_by_label("是", exact=True).check()
    page.get_by_label("初审意见").fill("属于困难群众。")
    page.get_by_label("综合救助意见").fill("建议申请救助。")


def add_program(page: Page, name: str, **said: str) -> None:
    page.get_by_role("button", name="添加项目").click()
    field = page.get_by_label("名称、通用名称、部门或拼音首字母")
    expect(field).to_be_visible()
    stand(page)  # it looks while one types
    field.fill(name)
    page.locator("a.offer").filter(has=page.get_by_text(name, exact=True)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    for label, text in said.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="添加到申请").dblclick()
    expect(page.get_by_text(f"已添加：{name}")).to_be_visible()


def sign_everything(page: Page) -> None:
    """The promise, the authorisations of all adults, and where a program asks the declaration of kin."""
    consent = page.locator("#consent")
    consent.get_by_role("link", name="登记签署").first.click()
    page.get_by_role("button", name="登记", exact=True).dblclick()
    see_signed(page, "诚信承诺书")
    if consent.get_by_role("link", name="登记签署").count():
        consent.get_by_role("link", name="登记签署").click()
        tick_everybody(page)
        press(page, "登记")
        see_signed(page, "核对授权书")
    if consent.get_by_role("link", name="登记申报").count():
        consent.get_by_role("link", name="登记申报").click()
        page.get_by_label("无", exact=True).check()
        press(page, "登记")
        see_signed(page, "近亲属申报")


def see_signed(page: Page, paper: str) -> None:
    """On the whole page: what is counted next stands below the sentence."""
    expect(page.get_by_text(f"已登记：{paper}")).to_be_visible()
    stand(page)


def tick_everybody(page: Page) -> None:
    """On the page of the authorisations, once it has come."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("登记核对授权书")
    stand(page)
    for box in page.get_by_role("main").get_by_role("checkbox").all():
        box.check()


def settle_papers(page: Page) -> None:
    """The first one is photographed, the others are seen, tap after tap."""
    rows = page.locator("#papers .paper-taps")
    rows.first.locator("input[type=file]").set_input_files(
        {"name": "票据.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(640, 480))}
    )
    expect(page.locator("#papers").get_by_text("已上传").first).to_be_visible()
    for number in range(1, rows.count()):
        rows.nth(number).get_by_role("button", name="已看原件").click()
    expect(page.locator("#papers").get_by_text("未提交", exact=True)).to_have_count(0)
    expect(page.locator("#papers button:disabled")).to_have_count(0)


def fill_in(page: Page, *programs: str) -> None:
    """A draft from the first field to what can be submitted."""
    assess(page)
    for name in programs:
        add_program(page, name)
    sign_everything(page)
    settle_papers(page)


def submit(page: Page) -> None:
    page.get_by_role("button", name="提交申请").dblclick()
    expect(page.get_by_text("已提交，请核对后受理")).to_be_visible()


def accept(page: Page) -> None:
    page.get_by_role("button", name="受理", exact=True).dblclick()
    expect(page.get_by_text("受理通知书已出具")).to_be_visible()


def dispatch(page: Page) -> None:
    page.get_by_role("button", name="转给承办单位").dblclick()
    expect(page.get_by_text("已转给承办单位").first).to_be_visible()


# ── the household is looked at ──────────────────────────────────────────────────────────────────────────────────────


def verify(visitor: Visitor, *investigators: str) -> None:
    """From the list of work to the conclusion."""
    page = visitor.open("verification:verification_list")
    page.get_by_role("main").get_by_role("link", name="HC").first.click()
    follow(page, "启动核查")
    page.get_by_label("入户调查").check()
    press(page, "启动核查")
    expect(page.get_by_text("核查已启动")).to_be_visible()
    for number, name in enumerate(investigators, start=1):
        choose(page, f"investigator_{number}", name)
    page.get_by_label("入户日期").fill(clock.today().isoformat())
    page.get_by_label("见到的人").select_option(index=1)
    page.get_by_label("家庭基本情况").fill("夫妻二人，住砖房两间，户主因病不能劳动。")
    page.get_by_label("家庭经济状况").fill("配偶打零工，每月约800元，无存款，无机动车。")
    page.get_by_label("家庭人均月收入（元）").fill("400")
    page.get_by_label("财产符合规定").select_option("yes")
    page.get_by_label("与申报一致").check()
    page.get_by_label("核查结论").fill("收入和财产符合申报。")
    page.get_by_label("对策建议").fill("建议救助。")
    press(page, "完成核查")
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("核查已完成")).to_be_visible()


# ── the units ───────────────────────────────────────────────────────────────────────────────────────────────────────


def open_from_inbox(visitor: Visitor, referral: Referral, tab: str = "") -> Page:
    """Most urgent on top; the row leads to the page."""
    page = visitor.open("referrals:referral_list", query=f"?tab={tab}" if tab else "")
    page.get_by_role("link", name=referral.number).click()
    expect(page).to_have_url(re.compile(f"/{referral.pk}/$"))  # the inbox says the number, too
    stand(page)
    return page


def take(page: Page) -> None:
    page.get_by_role("button", name="签收并承办").dblclick()
    expect(page.get_by_text("已由您承办。")).to_be_visible()


def propose(page: Page, outcome: str = "建议批准", amount: str = "") -> None:
    follow(page, "拟办")
    page.get_by_label("拟办意见").fill("情况属实，符合条件。")
    page.get_by_label(outcome, exact=True).check()
    if amount:
        page.get_by_label("拟救助金额（元）").fill(amount)
    press(page, "拟办")
    expect(page.get_by_text("拟办意见已保存。")).to_be_visible()


def forward(page: Page, opinion: str = "同意。") -> None:
    follow(page, "送下一环节")
    page.get_by_label("审定意见").fill(opinion)
    page.get_by_role("button", name="送下一环节").dblclick()
    expect(page.get_by_text("已送下一环节。")).to_be_visible()


def approve(page: Page, amount: str) -> None:
    follow(page, "作出决定")
    page.get_by_label("批准", exact=True).check()
    page.get_by_label("批准金额（元）").fill(amount)
    press(page, "下一步：核对")
    page.get_by_role("button", name="确认决定").dblclick()
    expect(page.get_by_text("已批准，").first).to_be_visible()


def refuse(page: Page, code: str, reason: str) -> None:
    follow(page, "作出决定")
    page.get_by_label("不予批准", exact=True).check()
    page.get_by_label("不予批准的情形").select_option(code)
    page.get_by_label("不予批准的理由").fill(reason)
    press(page, "下一步：核对")
    page.get_by_role("button", name="确认决定").click()
    page.wait_for_url("**/referrals/*/")
    expect(page.get_by_text("不予批准").first).to_be_visible()


def feed_back(page: Page, words: str) -> None:
    follow(page, "反馈结果")
    page.get_by_label("反馈内容").fill(words)
    page.get_by_role("button", name="反馈结果").dblclick()
    expect(page.get_by_text("结果已反馈受理窗口。")).to_be_visible()


def tell(page: Page) -> None:
    follow(page, "确认已告知申请人")
    page.get_by_label("电话告知").check()
    page.get_by_label("告知情况").fill("本人接听，已听明白。")
    page.get_by_role("button", name="确认已告知申请人").dblclick()
    expect(page.get_by_text("已登记告知申请人。")).to_be_visible()


def put_up_notice(page: Page) -> None:
    follow(page, "登记公示")
    page.get_by_label("公示地点").fill("虚构一村村务公开栏")
    page.get_by_role("button", name="登记公示").dblclick()
    expect(page.get_by_text("公示中，还有")).to_be_visible()


def take_down_notice(page: Page) -> None:
    follow(page, "登记公示结果")
    page.get_by_role("button", name="登记公示结果").dblclick()
    expect(page.get_by_text("公示结果已登记。")).to_be_visible()
