"""Screenings and requests for facts over the API: what the page beside the household shows to the post, read only."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config import clock
from config.api import BAD, MISSING, REFUSED, ActingPost, PerPerson, Positions, Session
from organization.gates import through_any
from organization.models import Post

from .models import FactRequest, Household, Screening
from .page import sees_card_only
from .permissions import can_see_screening, reads_requests
from .screening_page import Block, Group, Item, page_of_screening
from .showing import shown_fact, shown_name

Values = serializers.Serializer[Any]
_ID = "0b6f2a6e-3c1d-4a58-9d0e-5d1f7c2b8a40"


class ConditionSerializer(Values):
    text = serializers.CharField(help_text="条件")
    state = serializers.CharField(help_text="满足、不满足、不清楚；“不是”以下的条件：是、否、不清楚；不显示：涉及隐私，由其他单位掌握")
    found = serializers.ListField(child=serializers.CharField(), help_text="查到的值、来源和日期；不能看的写“内容不在本岗位查看范围内”")
    depth = serializers.IntegerField(help_text="层次，0 为最外层")


class AnswerSerializer(Values):
    program = serializers.CharField(help_text="项目代码")
    program_name = serializers.CharField()
    whom = serializers.CharField(help_text="全家，或成员姓名")
    outcome = serializers.CharField(
        help_text="eligible 符合、likely 疑似、near 差一步、unknown 数据不足、anyone 随时可办、already 已在享受、ineligible 不符合、"
        "kept 涉及隐私，不显示结果"
    )
    outcome_label = serializers.CharField()
    under_way = serializers.CharField(allow_blank=True, help_text="正在办理的")
    conditions = ConditionSerializer(many=True)
    near = serializers.ListField(child=serializers.CharField(), help_text="差哪一步")
    lacks = serializers.ListField(child=serializers.CharField(), help_text="缺什么")


class ScreeningSerializer(Values):
    id = serializers.UUIDField()
    household = serializers.UUIDField()
    screened_on = serializers.DateField(help_text="按哪天有效的规则和数据")
    asked_at = serializers.DateTimeField()
    asked_by = serializers.CharField(help_text="筛查人")
    answers = AnswerSerializer(many=True, help_text="本岗位能看的项目；部门只见本部门项目")
    page = serializers.CharField()


class FactRequestSerializer(Values):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(FactRequest.Status.choices, help_text="状态")
    status_label = serializers.CharField()
    fact = serializers.CharField(help_text="要核实的事项；涉及隐私而本岗位不能知道的写“一项涉及隐私的事项”")
    whom = serializers.CharField(help_text="全家（户编号），或成员姓名")
    unit = serializers.CharField(help_text="核实单位")
    asked_at = serializers.DateTimeField()
    asked_by = serializers.CharField(help_text="提出单位")
    answered_at = serializers.DateTimeField(allow_null=True)
    page = serializers.CharField()


SCREENING = OpenApiExample(
    "一次筛查",
    value={
        "id": _ID, "household": _ID, "screened_on": "2026-09-24", "asked_at": "2026-09-24T10:00:00+08:00",
        "asked_by": "忠州街道窗口 王经办", "page": f"/households/{_ID}/screening/",
        "answers": [
            {
                "program": "MZ04", "program_name": "临时救助", "whom": "全家", "outcome": "likely", "outcome_label": "疑似",
                "under_way": "",
                "conditions": [{"text": "遭遇突发困难", "state": "满足", "found": ["是（申报）"], "depth": 0}],
                "near": [], "lacks": [],
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)  # fmt: skip


class HouseholdScreeningViewSet(GenericViewSet[Household]):
    """The last screening of a household, within the acting post's gate."""

    authentication_classes = [Session]
    permission_classes = [ActingPost]
    throttle_classes = [PerPerson]
    serializer_class = ScreeningSerializer
    lookup_value_converter = "uuid"
    pagination_class = None
    queryset = Household.objects.visible_to(None)

    def may_enter(self, post: Post) -> bool:
        return can_see_screening(post)

    @extend_schema(
        summary="一个家庭的最近一次筛查",
        description="与网页“筛查”相同：每个项目的结论、各条件和缺什么。没有筛查过的答 404；筛查在网页发起。",
        responses={200: ScreeningSerializer, **REFUSED, **MISSING},
        examples=[SCREENING],
    )
    @action(detail=True, methods=["get"])
    def screening(self, request: Any, pk: UUID) -> Response:
        household = Household.objects.visible_to(request.post).select_related("region__parent").get_or_404(pk)
        if sees_card_only(household, request.post):
            raise PermissionDenied("本单位只是协助核实，不查看这个家庭的筛查结果。")
        rows = Screening.objects.visible_to(request.post).for_household(pk).select_related("previous", "asked_by__unit", "asked_by__staff")
        last = rows.newest().first()
        if last is None:
            raise Http404("这个家庭还没有筛查过。")
        page = page_of_screening(household, last, request.post, clock.today())
        return Response(ScreeningSerializer(_screening(last, page.groups)).data)


def _screening(screening: Screening, groups: list[Group]) -> dict[str, Any]:
    answers = [_answer(group, block, item) for group in groups for block in group.blocks for item in block.items]
    return {
        "id": screening.pk, "household": screening.household_id, "screened_on": screening.on, "asked_at": screening.asked_at,
        "asked_by": screening.asked_by.label, "answers": answers, "page": screening.get_absolute_url(),
    }  # fmt: skip


def _answer(group: Group, block: Block, item: Item) -> dict[str, Any]:
    return {
        "program": block.program.code, "program_name": str(block.program.seed_name), "whom": item.whom, "outcome": group.key,
        "outcome_label": group.title, "under_way": item.under_way, "near": list(item.near), "lacks": list(item.lacks),
        "conditions": [{"text": line.text, "state": line.word, "found": list(line.found), "depth": line.depth} for line in item.lines],
    }  # fmt: skip


@extend_schema_view(
    list=extend_schema(
        summary="请单位核实",
        description="请本单位核实的，或本乡镇（街道）请单位核实的；新的在前。",
        responses={200: FactRequestSerializer(many=True), **BAD, **REFUSED},
    ),
    retrieve=extend_schema(
        summary="一项核实请求",
        description="请谁核实什么、答复了没有；核实所得在网页查看。",
        responses={200: FactRequestSerializer, **REFUSED, **MISSING},
    ),
)
class FactRequestViewSet(GenericViewSet[FactRequest]):
    authentication_classes = [Session]
    permission_classes = [ActingPost]
    throttle_classes = [PerPerson]
    pagination_class = Positions
    serializer_class = FactRequestSerializer
    lookup_value_converter = "uuid"
    sort = "-asked_at"
    queryset = FactRequest.objects.visible_to(None)

    def may_enter(self, post: Post) -> bool:
        return reads_requests(post)

    def get_queryset(self) -> QuerySet[FactRequest]:
        return FactRequest.objects.visible_to(getattr(self.request, "post", None)).with_page_data()

    def list(self, request: Request) -> Response:
        rows: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        post = request.post  # type: ignore[attr-defined]
        return self.get_paginated_response(FactRequestSerializer([_request(row, post) for row in rows], many=True).data)

    def retrieve(self, request: Any, pk: UUID) -> Response:
        row, post = through_any(request, lambda held: FactRequest.objects.visible_to(held).with_page_data(), pk)
        return Response(FactRequestSerializer(_request(row, post)).data)


def _request(row: FactRequest, post: Post) -> dict[str, Any]:
    return {
        "id": row.pk, "status": row.status, "status_label": row.get_status_display(), "fact": shown_fact(row, post),
        "whom": shown_name(row.resident.name, post) if row.resident else f"全家（户编号{row.household.number}）",
        "unit": row.unit.short_name, "asked_at": row.asked_at, "asked_by": row.asked_by.unit.short_name,
        "answered_at": row.answered_at, "page": row.get_absolute_url(),
    }  # fmt: skip
