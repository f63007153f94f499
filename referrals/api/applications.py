"""Applications of one's township, of the county for the platform: read only; they are made at the window."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api import BAD, MISSING, REFUSED, ActingPost, PerPerson, Positions, Session
from intake.filters import ApplicationFilter
from intake.models import Application
from intake.permissions import can_read_applications
from organization.gates import through_any
from organization.models import Post

from .examples import APPLICATION, APPLICATIONS
from .rows import application_detail, application_row
from .serializers import ApplicationDetailSerializer, ApplicationSerializer

RELATED = ("applicant", "household__region__parent", "unit", "first_responder__staff")


class ApplicationRowFilter(ApplicationFilter):
    """Without the name: no name stands in an address or a log."""

    name = None


@extend_schema_view(
    list=extend_schema(
        summary="申请列表",
        description="本乡镇（街道）的申请，县级平台为全县；新的在前。",
        responses={200: ApplicationSerializer(many=True), **BAD, **REFUSED},
        examples=[APPLICATIONS],
    ),
    retrieve=extend_schema(
        summary="一件申请",
        description="申请及其各事项办到哪里。",
        responses={200: ApplicationDetailSerializer, **REFUSED, **MISSING},
        examples=[APPLICATION],
    ),
)
class ApplicationViewSet(GenericViewSet[Application]):
    authentication_classes = [Session]
    permission_classes = [ActingPost]
    throttle_classes = [PerPerson]
    pagination_class = Positions
    filterset_class = ApplicationRowFilter
    serializer_class = ApplicationSerializer
    lookup_value_converter = "uuid"
    sort = "-drafted_at"
    queryset = Application.objects.visible_to(None)

    def may_enter(self, post: Post) -> bool:
        return can_read_applications(post)

    def get_queryset(self) -> QuerySet[Application]:
        return Application.objects.visible_to(getattr(self.request, "post", None)).with_list_data()

    def list(self, request: Request) -> Response:
        rows: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        post = request.post  # type: ignore[attr-defined]
        return self.get_paginated_response(ApplicationSerializer([application_row(row, post) for row in rows], many=True).data)

    def retrieve(self, request: Any, pk: UUID) -> Response:
        """Over all posts of the person, as the case page."""
        application, post = through_any(request, lambda held: Application.objects.visible_to(held).select_related(*RELATED), pk)
        return Response(ApplicationDetailSerializer(application_detail(application, post)).data)
