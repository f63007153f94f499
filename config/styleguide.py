"""The component page: every part of the page frame with its name and how to use it. In dev and demo only; stores nothing."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import clock, lists
from config.keyset import KeysetPage
from config.once import once

# (name, how to use it): the sample of each stands in templates/config/samples/<name>.html.
SAMPLES = (
    ("lamp", '{% include "_components/lamp.html" with lamp=lamp only %}'),
    ("badge", '{% include "_components/badge.html" with text="公示中" tone="blue" only %}'),
    ("stat", '<div class="stats">{% include "_components/stat.html" with label=… value=… note=… tone=… url=… only %}</div>'),
    ("stepper", '{% include "_components/stepper.html" with steps=steps only %}'),
    ("tabs", '{% include "_components/tabs.html" with tabs=tabs label="待办分类" only %}'),
    ("filter_bar", '{% include "_components/filter_bar.html" with form=form target="#rows" only %}'),
    ("table", '<div class="table-responsive-cards"><table class="table table-office">… <td data-label="列名">'),
    ("list", 'config.lists: {% include "_components/list_tools.html" with table=table csrf_token=csrf_token only %} · list_head.html'),
    ("pagination", '{% include "_components/pagination.html" with page=page request=request only %}'),
    ("pagination_keyset", '{% include "_components/pagination_keyset.html" with previous=… next=… shown=… only %}'),
    ("empty", '{% include "_components/empty.html" with text=… advice=… url=… action=… only %}'),
    ("message", '{% include "_components/message.html" with level="warning" text=… only %}'),
    ("requests", "js/requests.js: 失败的 htmx 请求各有一句话"),
    ("form", '<form method="post">{% csrf_token %}{% include "_components/form.html" with form=form only %}</form>'),
    ("once", "{% csrf_token %}{% once_field %} · @once: 同一份表单重复提交只办一次"),
    ("form_paper", '{% include "_components/form.html" with form=form layout="paper" only %}'),
    ("field", '{% include "_components/field.html" with field=form.x only %}'),
    ("formset", '{% include "_components/formset.html" with formset=formset only %}'),
    ("confirm", '{% include "_components/confirm_button.html" with url=… label=… question=… csrf_token=csrf_token only %}'),
    ("export", '{% include "_components/export_button.html" with url=… most=… csrf_token=csrf_token only %}'),
    ("masked", '{% include "_components/masked.html" with text=… url=… csrf_token=csrf_token only %}'),
    ("description_list", '{% include "_components/description_list.html" with items=pairs only %}'),
    ("facts_long", '{% include "_components/facts_long.html" with items=pairs only %}'),
    ("timeline", '{% include "_components/timeline.html" with entries=entries only %}'),
    ("card", '{% include "_components/card.html" with title=… body="app/_x.html" %}'),
    ("progress", '{% include "_components/progress.html" with id=… label=… done=… total=… only %}'),
    ("signature", '<div class="signature" data-signature="id_picture"><canvas></canvas>… + js/signature.js'),
    ("qr", '{% include "_components/qr.html" with src=… caption=… only %}'),
    ("print", '{% extends "print.html" %} · {% include "_components/print_button.html" with label="打印" only %}'),
    ("palette", "css/theme.css: --office-*"),
)

LAMPS = [
    {"colour": "green", "shape": "circle", "word": "剩8个工作日", "url": "#lamp"},
    {"colour": "amber", "shape": "triangle", "word": "剩2个工作日", "url": ""},
    {"colour": "red", "shape": "square", "word": "超期1日", "url": ""},
    {"colour": "grey", "shape": "pause", "word": "已暂停", "url": ""},
    {"colour": "blue", "shape": "check", "word": "按期办结", "url": ""},
]
STEPS = [
    {"label": "受理", "state": "done", "note": "09-18"},
    {"label": "入户核查", "state": "done", "note": "09-22"},
    {"label": "信息核对", "state": "current"},
    {"label": "乡镇审核", "state": "waiting"},
    {"label": "公示", "state": "waiting"},
    {"label": "县级审批", "state": "waiting"},
    {"label": "发放", "state": "waiting"},
]
ROWS = [
    ("样例-0001", "张*芳", "临时救助", "忠州街道", "入户核查", LAMPS[1]),
    ("样例-0002", "李*国", "困难残疾人生活补贴和重度残疾人护理补贴", "拔山镇", "公示中", LAMPS[2]),
    ("样例-0003", "王*", "最低生活保障", "白石镇", "待受理", LAMPS[0]),
    ("样例-0004", "陈*生", "特困人员救助供养", "汝溪镇", "补正", LAMPS[3]),
]
COLOURS = ("navy", "blue", "sky", "pale", "ground", "line", "ink", "muted", "green", "amber", "red", "grey")


class FilterForm(forms.Form):
    words = forms.CharField(label="姓名/拼音首字母/证件号", required=False)
    township = forms.ChoiceField(label="乡镇（街道）", required=False, choices=[("", "全部"), ("1", "忠州街道"), ("2", "拔山镇")])
    since = forms.DateField(label="受理日期起", required=False)
    mine = forms.BooleanField(label="我领办的", required=False)


class ApplicantForm(forms.Form):
    """One of every kind of field; the ID number's area code is not assigned to anybody."""

    name = forms.CharField(label="申请人姓名", max_length=30)
    number = forms.CharField(
        label="公民身份号码",
        max_length=18,
        widget=forms.TextInput(attrs={"data-id-number": "", "data-birth": "id_born_on", "data-sex": "id_sex", "autocomplete": "off"}),
        help_text="可用读卡器或扫码枪录入，回车不会提交",
    )
    born_on = forms.DateField(label="出生日期")
    sex = forms.ChoiceField(label="性别", choices=[("", "请选择"), ("1", "男"), ("2", "女")])
    township = forms.ChoiceField(
        label="所在乡镇（街道）",
        choices=[("", "请选择"), ("1", "忠州街道"), ("2", "拔山镇"), ("3", "白石镇")],
        widget=forms.Select(attrs={"data-search-select": ""}),
    )
    members = forms.IntegerField(label="家庭人口", min_value=1, max_value=30)
    hardships = forms.MultipleChoiceField(
        label="困难类型（可多选）",
        choices=[("1", "因病"), ("2", "因残"), ("3", "就学"), ("4", "失业"), ("5", "意外")],
        widget=forms.CheckboxSelectMultiple,
    )
    way = forms.ChoiceField(label="申请方式", choices=[("1", "本人申请"), ("2", "委托申请"), ("3", "主动发现")], widget=forms.RadioSelect)
    story = forms.CharField(label="困难情况说明", widget=forms.Textarea(attrs={"rows": 3}), help_text="写明原因、时间、已得到的帮助")
    paper = forms.FileField(label="证明材料", required=False)
    consent = forms.BooleanField(label="已签署诚信承诺书和核对授权书")


class MemberForm(forms.Form):
    name = forms.CharField(label="姓名")
    relation = forms.ChoiceField(label="与户主关系", choices=[("1", "本人"), ("2", "配偶"), ("3", "子女"), ("4", "父母")])
    born_on = forms.DateField(label="出生日期", required=False)
    income = forms.DecimalField(label="月收入（元）", required=False)


MemberFormSet = forms.formset_factory(MemberForm, extra=1, can_delete=True, max_num=12)
WRONG = {"name": "张某芳", "number": "999999199001011231", "members": "0", "hardships": ["1", "9"], "way": ""}

LIST = lists.declare(
    lists.List(
        "styleguide",
        (
            lists.Column("number", "受理号", sort="id", is_fixed=True),
            lists.Column("name", "申请人"),
            lists.Column("program", "救助事项", sort="id"),
            lists.Column("township", "乡镇"),
        ),
        sort="number",
    )
)

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (settings.IS_DEMO or settings.DEBUG):
            raise Http404
        return view(request, *args, **kwargs)

    return login_not_required(guarded)


@demo_only
@require_http_methods(["GET", "HEAD", "POST"])
def styleguide(request: HttpRequest) -> HttpResponse:
    """Posting shows the errors of what was typed; `?wrong` shows a form already refused."""
    data = request.POST if request.method == "POST" else WRONG if "wrong" in request.GET else None
    form = ApplicantForm(data)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "填写无误。样例页不保存任何内容。")
    members = MemberFormSet(request.POST if "form-TOTAL_FORMS" in request.POST else None, initial=[{"name": "张某芳"}])
    context = {
        "samples": [{"name": name, "usage": usage, "template": f"config/samples/{name}.html"} for name, usage in SAMPLES],
        "form": form,
        "members": members,
        "filters": FilterForm(request.GET or None, auto_id="filter_%s"),
        "single": FilterForm(auto_id="single_%s"),
        "page": Paginator(range(1, 1235), 20).get_page(request.GET.get("page")),
        **_data(),
    }
    return render(request, "config/styleguide.html", context, status=422 if form.errors else 200)


def _table() -> lists.Table:
    """A list as `List.chosen(request).table(rows)` gives it."""
    return lists.Table(
        page=KeysetPage(ROWS, "", ""),
        heads=[
            lists.Head("number", "受理号", "?sort=-number#list", "ascending"),
            lists.Head("name", "申请人"),
            lists.Head("program", "救助事项", "?sort=program#list"),
        ],
        shows=dict.fromkeys(("number", "name", "program"), True),
        options=[lists.Option("name", "申请人", True), lists.Option("program", "救助事项", True), lists.Option("township", "乡镇", False)],
        sorts=[lists.Option("number", "按受理号升序", True), lists.Option("-number", "按受理号降序", False)],
        sizes=[lists.Option("20", "每页20条", True), lists.Option("50", "每页50条", False)],
        choose_url=reverse("list_choose", args=[LIST.url_name]),
        back=reverse("styleguide"),
        total="1000+",
        filtered_by=["乡镇（街道）", "受理日期起"],
    )


def _data() -> dict[str, Any]:
    now = clock.now()
    return {
        "lamps": LAMPS,
        "steps": STEPS,
        "rows": ROWS,
        "colours": COLOURS,
        "more": {
            "tabs": [
                {"label": label, "url": f"?tab={n}#tabs", "is_current": n == 0, "count": count}
                for n, (label, count) in enumerate([("待办", 23), ("在办", 41), ("已办", 312), ("督办", 2), ("退回", 1), ("全部", None)])
            ],
            "statuses": [400, 403, 404, 409, 500],
            "paper_form": ApplicantForm(auto_id="paper_%s"),
            "table": _table(),
            "qr": segno.make("https://example.org/").svg_data_uri(scale=4),
            "facts": [("姓名", "张某芳"), ("户籍地", "忠州街道（虚构社区）"), ("家庭人口", "3"), ("备注", "")],
            "entries": [
                {"at": now, "who": "忠州街道窗口 王经办", "text": "转办至县民政局"},
                {"at": now - timedelta(days=2), "who": "忠州街道窗口 王经办", "text": "受理申请，出具受理通知书（回执）"},
            ],
        },
    }


@demo_only
@require_safe
def styleguide_print(request: HttpRequest) -> HttpResponse:
    return render(request, "config/styleguide_print.html", {"today": clock.today()})


@demo_only
@require_safe
def styleguide_answer(request: HttpRequest, status: int) -> HttpResponse:
    """An answer with the given status, to see what the page says about it."""
    return HttpResponse(status=status)


@demo_only
@require_POST
@once
def styleguide_once(request: HttpRequest) -> HttpResponse:
    """Sent twice by somebody signed in, the second time says so."""
    messages.success(request, f"收到：{request.POST.get('words', '')}")
    return redirect(reverse("styleguide") + "#once")


@demo_only
@require_POST
def styleguide_reveal(request: HttpRequest) -> HttpResponse:
    """What a logged look at a number answers with; this number belongs to nobody."""
    return render(request, "_components/masked.html", {"text": "999999199001011238", "url": "", "csrf_token": get_token(request)})
