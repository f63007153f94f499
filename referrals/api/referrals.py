"""Referrals: read, sign for, decide, feed back: the gate, the columns and the verbs of the pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import django_filters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api import (
    BAD,
    CONFLICT,
    KEY,
    MATCH,
    MATCHLESS,
    MISSING,
    REFUSED,
    REPLAYED_HEADER,
    UNREADABLE,
    ActingPost,
    PerPerson,
    Positions,
    Session,
    done_once,
    etag,
    refuse_unseen,
)
from organization.models import Post

from .. import transitions
from ..inbox import applicant_name
from ..models import Referral
from ..permissions import has_inbox
from ..steps import STEPS, post_for, right_post
from ..transitions.edges import hold
from ..views.finding import asks_why, changed_since, found, last_stay, state_of
from .examples import DECISION, FEEDBACK, REFERRAL, REFERRALS
from .rows import referral_detail, referral_rows
from .serializers import DecisionSerializer, FeedbackSerializer, ReferralDetailSerializer, ReferralSerializer

LISTED = ("program", "stage", "unit", "window", "handler__staff")
DONE = {200: ReferralDetailSerializer, **BAD, **REFUSED, **MISSING, **CONFLICT, **MATCHLESS, **UNREADABLE}


class ReferralRowFilter(django_filters.FilterSet):
    """What an address may say: no name among it."""

    number = django_filters.CharFilter(label="转办单号", lookup_expr="startswith", max_length=40)
    status = django_filters.ChoiceFilter(label="状态", choices=Referral.Status.choices)
    purpose = django_filters.ChoiceFilter(label="用途", choices=Referral.Purpose.choices)
    program = django_filters.CharFilter(label="项目代码", method="by_program", max_length=8)
    township = django_filters.CharFilter(label="乡镇（街道）代码", field_name="township_code", max_length=9)
    is_open = django_filters.BooleanFilter(label="未结束", method="by_open")
    mine = django_filters.BooleanFilter(label="我承办的", method="by_handler")

    class Meta:
        model = Referral
        fields: list[str] = []

    def by_program(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """A program that is not named to a post cannot be asked for either."""
        readable = Referral.objects.readable_by(self.request.post).filter(program=value)
        return rows.filter(program=value, pk__in=readable.order_by().values("pk"))

    def by_open(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.filter(status__in=Referral.OPEN) if value else rows.exclude(status__in=Referral.OPEN)

    def by_handler(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.filter(handler__staff=self.request.user) if value else rows


@extend_schema_view(
    list=extend_schema(
        summary="转办单列表",
        description="当前岗位看得到的转办单，后转出的在前。",
        responses={200: ReferralSerializer(many=True), **BAD, **REFUSED},
        examples=[REFERRALS],
    ),
    retrieve=extend_schema(
        summary="一件转办单",
        description="申请内容、家庭、材料、走过的环节、决定，以及您现在能办的步骤。敏感项目县级平台须先在网页写明查看原因。",
        responses={200: ReferralDetailSerializer, **REFUSED, **MISSING},
        examples=[REFERRAL],
    ),
)
class ReferralViewSet(GenericViewSet[Referral]):
    authentication_classes = [Session]
    permission_classes = [ActingPost]
    throttle_classes = [PerPerson]
    pagination_class = Positions
    filterset_class = ReferralRowFilter
    serializer_class = ReferralSerializer
    lookup_value_converter = "uuid"
    sort = "-dispatched_at"
    queryset = Referral.objects.visible_to(None)

    def may_enter(self, post: Post) -> bool:
        return has_inbox(post)

    def get_queryset(self) -> QuerySet[Referral]:
        post: Post | None = getattr(self.request, "post", None)
        return Referral.objects.visible_to(post).select_related(*LISTED).with_been_at(post).annotate(applicant_name=applicant_name())

    def list(self, request: Request) -> Response:
        rows: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        post = request.post  # type: ignore[attr-defined]
        return self.get_paginated_response(ReferralSerializer(referral_rows(rows, post), many=True).data)

    def retrieve(self, request: Any, pk: UUID) -> Response:
        """Over all posts of the person, as the page."""
        return self._told(request, pk)

    @extend_schema(summary="签收", request=None, parameters=[KEY, MATCH], responses=DONE, examples=[REFERRAL])
    @action(detail=True, methods=["post"])
    def receive(self, request: Any, pk: UUID) -> Response:
        """为本单位签收。重复签收答 409，写明何人何时已签收。"""
        return self._do(request, pk, "receive", {})

    @extend_schema(summary="作出决定", request=DecisionSerializer, parameters=[KEY, MATCH], responses=DONE, examples=[DECISION, REFERRAL])
    @action(detail=True, methods=["post"])
    def decide(self, request: Any, pk: UUID) -> Response:
        """由未受理、未拟办的审批人员作出决定。超过乡镇限额的转县级审批。"""
        body = DecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._do(request, pk, "decide", body.validated_data)

    @extend_schema(summary="反馈结果", request=FeedbackSerializer, parameters=[KEY, MATCH], responses=DONE, examples=[FEEDBACK, REFERRAL])
    @action(detail=True, methods=["post"], url_path="feed-back")
    def feed_back(self, request: Any, pk: UUID) -> Response:
        """把决定和申请人须知反馈受理窗口。"""
        body = FeedbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._do(request, pk, "feed_back", body.validated_data)

    def _do(self, request: Any, pk: UUID, verb: str, said: Mapping[str, Any]) -> Response:
        """The verb of the page's button, by the post that the page would choose; then the referral as it stands."""

        @transaction.atomic
        def act() -> str:
            referral = self._found(request, pk)
            post = post_for(request.posts, referral, STEPS[verb])
            now = hold(referral, verb)  # nobody proposes otherwise between the look and the verb
            stay = last_stay(now)
            refuse_unseen(request, state_of(now, stay), lambda seen: changed_since(seen or "?", now, stay))
            getattr(transitions, verb)(referral_id=pk, **said, by=post)
            return request.path

        is_replayed = done_once(request, act)
        return self._told(request, pk, {REPLAYED_HEADER: "true"} if is_replayed else {})

    def _told(self, request: Any, pk: UUID, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
        """The referral, with the state that the next verb has to name (`If-Match`): the `seen` of the pages."""
        referral = self._found(request, pk)
        data = ReferralDetailSerializer(referral_detail(referral, right_post(request.posts, referral), request.posts)).data
        return Response(data, headers={"ETag": etag(state_of(referral, last_stay(referral))), **headers})

    def _found(self, request: Any, pk: UUID) -> Referral:
        """Raises Http404, or PermissionDenied where the platform has to say first why it looks."""
        try:
            return found(request, pk)
        except Http404:
            if asks_why(request, pk):
                raise PermissionDenied("敏感项目，请先在网页写明查看原因，再用接口读取。") from None
            raise
