"""The public API of the catalogue: read-only, without sign-in, the same rows and filters as the page."""

from typing import Any

from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.viewsets import ReadOnlyModelViewSet

from config import clock
from config.problems import CONTENT_TYPE, PROBLEM
from organization.models import Department

from .caching import public_page
from .filters import ProgramFilter
from .models import MaterialRequirement, Program, ProgramVersion, Stage, Track

_MISSING = {(404, CONTENT_TYPE): OpenApiResponse(PROBLEM, "没有找到")}
_REFUSED = {(400, CONTENT_TYPE): OpenApiResponse(PROBLEM, "筛选条件有误"), **_MISSING}


def _code(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


class Label(serializers.CharField):
    """The Chinese label of a choice field beside its value."""

    def __init__(self, field: str, help_text: str) -> None:
        super().__init__(source=f"get_{field}_display", read_only=True, help_text=help_text)


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    kind_label = Label("kind", "类别名称")
    program_count = serializers.IntegerField(read_only=True, help_text="项目数")
    unnamed_count = serializers.IntegerField(read_only=True, help_text="其中待明确的项目数")
    phone = serializers.CharField(read_only=True, help_text="咨询电话")
    address = serializers.CharField(read_only=True, help_text="办公地址")

    class Meta:
        model = Department
        fields = ["code", "number", "name", "kind", "kind_label", "phone", "address", "program_count", "unnamed_count"]


class DepartmentNameSerializer(serializers.ModelSerializer[Department]):
    phone = serializers.CharField(read_only=True, help_text="咨询电话")

    class Meta:
        model = Department
        fields = ["code", "name", "phone"]


class StageSerializer(serializers.ModelSerializer[Stage]):
    act_label = Label("act", "环节名称")
    unit_kind_label = Label("unit_kind", "由谁办理")
    department = serializers.CharField(source="department.code", allow_null=True, default=None, help_text="协审部门代码")

    class Meta:
        model = Stage
        fields = ["order", "act", "act_label", "name", "unit_kind", "unit_kind_label", "department", "limit", "limit_unit", "is_counted"]


class TrackSerializer(serializers.ModelSerializer[Track]):
    route_label = Label("route", "审批层级名称")
    verification_label = Label("verification", "核查名称")
    promise = serializers.CharField(read_only=True, help_text="承诺时限")
    above_ceiling = serializers.CharField(source="above_ceiling.key", allow_null=True, default=None, help_text="超过乡镇限额时转用的情形")
    stages = StageSerializer(many=True, read_only=True)

    class Meta:
        model = Track
        fields = [
            "key", "name", "applies_to", "is_active", "purposes", "route", "route_label", "verification", "verification_label", "promise",
            "whole_limit", "extended_limit", "limit_unit", "publicity_days", "publicity_unit", "publicity_in_whole", "is_urgent",
            "above_ceiling", "stages", "origins",
        ]  # fmt: skip


class MaterialSerializer(serializers.ModelSerializer[MaterialRequirement]):
    need_label = Label("need", "要求名称")
    track = serializers.CharField(source="track.key", allow_null=True, default=None, help_text="仅限此办理情形")
    provable_by = serializers.SerializerMethodField(help_text="平台可查的事实和掌握部门")

    class Meta:
        model = MaterialRequirement
        fields = ["name", "advice", "is_form", "need", "need_label", "condition", "track", "provable_by"]

    @extend_schema_field(inline_serializer("Proof", {"fact": serializers.CharField(), "holder": serializers.CharField()}, many=True))
    def get_provable_by(self, row: MaterialRequirement) -> list[dict[str, str]]:
        return [{"fact": fact.label, "holder": fact.holder.name if fact.holder else ""} for fact in row.material.proofs.all()]


class VersionSerializer(serializers.ModelSerializer[ProgramVersion]):
    obtained_label = Label("obtained", "如何获得")
    benefit_mode_label = Label("benefit_mode", "方式名称")
    decision_word_label = Label("decision_word", "决定用语")
    tracks = TrackSerializer(many=True, read_only=True)
    materials = MaterialSerializer(source="requirements", many=True, read_only=True)

    class Meta:
        model = ProgramVersion
        fields = [
            "number", "valid_from", "valid_until", "summary", "conditions", "aid", "remark", "place", "obtained", "obtained_label",
            "open_months", "has_quota", "quota_per_year", "benefit_mode", "benefit_mode_label", "pay_start", "decision_word",
            "decision_word_label", "refusal_word", "remedies", "legal_basis", "result_valid_months", "tracks", "materials", "origins",
        ]  # fmt: skip


class ProgramSerializer(serializers.ModelSerializer[Program]):
    """A row of the list. What depends on the version in force is null for a program that has none."""

    name = serializers.CharField(source="seed_name", read_only=True, help_text="清单所列名称")
    department = DepartmentNameSerializer(read_only=True)
    kind_label = Label("kind", "救助形态")
    category_label = Label("category", "类别")
    tier_label = Label("tier", "层次")
    beneficiary_label = Label("beneficiary", "救助对象")
    is_paused = serializers.BooleanField(read_only=True, help_text="暂停受理")
    obtained = serializers.SerializerMethodField(help_text="如何获得")
    route = serializers.SerializerMethodField(help_text="审批层级")
    promise = serializers.SerializerMethodField(help_text="承诺时限")
    page = serializers.CharField(source="get_absolute_url", read_only=True, help_text="网页地址")

    class Meta:
        model = Program
        fields = [
            "code", "name", "alias", "department", "kind", "kind_label", "category", "category_label", "tier", "tier_label", "beneficiary",
            "beneficiary_label", "is_placeholder", "is_paused", "pause_reason", "obtained", "route", "promise", "page", "changed_at",
        ]  # fmt: skip

    def get_obtained(self, program: Any) -> str | None:
        return program.current[0].obtained if program.current else None

    def get_route(self, program: Any) -> str | None:
        return program.current[0].main_track.route if program.current else None

    def get_promise(self, program: Any) -> str | None:
        return program.current[0].main_track.promise if program.current else None


class ProgramDetailSerializer(ProgramSerializer):
    version = serializers.SerializerMethodField(help_text="现行版本")

    class Meta(ProgramSerializer.Meta):
        fields = [*ProgramSerializer.Meta.fields, "origins", "version"]

    @extend_schema_field(VersionSerializer(allow_null=True))
    def get_version(self, program: Any) -> Any:
        return VersionSerializer(program.current[0]).data if program.current else None


class CataloguePagination(PageNumberPagination):
    """The whole catalogue fits on one page."""

    page_size = 60
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int | None:
        """Refuses what is no number of rows, instead of answering with another number than asked for."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is not None and not (asked.isascii() and asked.isdigit() and 0 < int(asked) <= self.max_page_size):
            raise ValidationError({self.page_size_query_param: [f"每页行数是1至{self.max_page_size}的整数。"]})
        return super().get_page_size(request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"]["maximum"] = self.max_page_size
        return parameters


@method_decorator(public_page, name="dispatch")
@extend_schema_view(
    list=extend_schema(
        summary="救助项目列表",
        description="全县救助项目目录，不需要登录。",
        responses={200: ProgramSerializer(many=True), **_REFUSED},
    ),
    retrieve=extend_schema(
        summary="一个救助项目",
        description="按项目代码取一个项目，含现行版本的办理情形、环节、材料和各项规定的来源。",
        parameters=[OpenApiParameter("code", _code("^[A-Z]{2}[0-9]{2}$"), OpenApiParameter.PATH, description="项目代码，如 MZ01")],
        responses={200: ProgramDetailSerializer, **_MISSING},
    ),
)
class ProgramViewSet(ReadOnlyModelViewSet[Program]):
    permission_classes = [AllowAny]
    authentication_classes: list[type[Any]] = []
    pagination_class = CataloguePagination
    filterset_class = ProgramFilter
    lookup_field = "code"
    lookup_value_converter = "slug"
    queryset = Program.objects.visible_to(None)

    def get_queryset(self) -> QuerySet[Program]:
        programs = Program.objects.visible_to(None)
        on = clock.today()
        return programs.with_page_data(on) if self.action == "retrieve" else programs.with_list_data(on)

    def get_serializer_class(self) -> type[ProgramSerializer]:
        return ProgramDetailSerializer if self.action == "retrieve" else ProgramSerializer


@method_decorator(public_page, name="dispatch")
@extend_schema_view(
    list=extend_schema(
        summary="部门列表",
        description="目录中的部门和各自的项目数。",
        responses={200: DepartmentSerializer(many=True), **_REFUSED},
    ),
    retrieve=extend_schema(
        summary="一个部门",
        description="按部门代码取一个部门。",
        parameters=[OpenApiParameter("code", _code("^[A-Z]{2}$"), OpenApiParameter.PATH, description="部门代码，如 MZ")],
        responses={200: DepartmentSerializer, **_MISSING},
    ),
)
class DepartmentViewSet(ReadOnlyModelViewSet[Department]):
    permission_classes = [AllowAny]
    authentication_classes: list[type[Any]] = []
    pagination_class = CataloguePagination
    serializer_class = DepartmentSerializer
    lookup_field = "code"
    lookup_value_converter = "slug"
    queryset = Program.objects.visible_to(None).departments()

    def get_queryset(self) -> QuerySet[Department]:
        return Program.objects.visible_to(None).departments()
