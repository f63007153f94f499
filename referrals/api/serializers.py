"""The shape of what the API says and takes, for its schema and for reading bodies. No rule stands here: the verbs have them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from intake.models import Application

from ..models import Referral

Values = serializers.Serializer[Any]


class TermSerializer(Values):
    label = serializers.CharField(help_text="名目")  # type: ignore[assignment]
    text = serializers.CharField(help_text="内容")


class DateSerializer(Values):
    label = serializers.CharField(help_text="何种时限")  # type: ignore[assignment]
    due = serializers.CharField(allow_blank=True, help_text="到期日；暂停计时时为空")
    lamp = serializers.CharField(help_text="灯：green 正常、amber 临期、red 超期、grey 暂停、blue 已办")
    word = serializers.CharField(help_text="剩余或超期多久")


class _ReferralColumns(Values):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="转办单号")
    purpose = serializers.ChoiceField(Referral.Purpose.choices, help_text="用途")
    purpose_label = serializers.CharField()
    status = serializers.ChoiceField(Referral.Status.choices, help_text="状态")
    status_label = serializers.CharField()
    program = serializers.CharField(allow_null=True, help_text="项目代码；不能看的敏感项目为 null")
    program_name = serializers.CharField(help_text="项目名称；不能看的敏感项目写“敏感项目”")
    applicant = serializers.CharField(allow_blank=True, help_text="申请人；非本单位在办的只露姓名首尾")
    township = serializers.CharField(help_text="乡镇（街道）代码")
    township_name = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True, help_text="现由谁办；不能看的敏感项目为空")
    window = serializers.CharField(help_text="转出窗口")
    stage = serializers.CharField(allow_blank=True, help_text="环节")
    handler = serializers.CharField(allow_blank=True, help_text="承办人")
    accepted_at = serializers.DateTimeField()
    dispatched_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True, help_text="到达当前单位时间；不告知名称的敏感项目不写")
    dates = DateSerializer(many=True)
    page = serializers.CharField(help_text="网页地址")


class ReferralSerializer(_ReferralColumns):
    """One row of the list."""


class MemberSerializer(Values):
    name = serializers.CharField()
    relation = serializers.CharField(help_text="与户主关系")
    id_number = serializers.CharField(allow_blank=True, help_text="身份证号码，只露首尾")
    tags = serializers.ListField(child=serializers.CharField(), help_text="身份类别")
    is_applicant = serializers.BooleanField()


class PaperSerializer(Values):
    name = serializers.CharField()
    state = serializers.CharField()


class StaySerializer(Values):
    stage = serializers.CharField()
    unit = serializers.CharField()
    result = serializers.CharField(help_text="结果，或在此办理")


class ReferralDetailSerializer(_ReferralColumns):
    track = serializers.CharField(help_text="办理情形")
    asked = TermSerializer(many=True, help_text="申请内容")
    members = MemberSerializer(many=True, help_text="家庭成员；过了办理期限的部门看不到")
    papers = PaperSerializer(many=True, help_text="材料")
    walked = StaySerializer(many=True, help_text="走过的环节")
    outcome = serializers.ChoiceField(Referral.Outcome.choices, allow_null=True, help_text="决定")
    decision = TermSerializer(many=True, help_text="决定和告知")
    decided_at = serializers.DateTimeField(allow_null=True)
    fed_back_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    verbs = serializers.ListField(child=serializers.CharField(), help_text="您现在能办的：receive 签收、decide 决定、feed_back 反馈")


class DecisionSerializer(Values):
    """The fields of the decision's form. Which of them a decision needs, the verb says."""

    outcome = serializers.ChoiceField(Referral.Outcome.choices, help_text="决定")
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False, allow_null=True, help_text="批准金额（元）"
    )
    in_kind = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text="实物或服务内容")
    start_on = serializers.DateField(required=False, allow_null=True, help_text="起始日期；不填的按项目规定")
    cap_reason = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="超过封顶线仍批准的理由")
    refusal_code = serializers.ChoiceField(Referral.RefusalCode.choices, required=False, allow_blank=True, help_text="不予批准的情形")
    refusal_reason = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="不予批准的理由")
    opinion = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="审定意见")


class FeedbackSerializer(Values):
    text = serializers.CharField(max_length=500, help_text="反馈内容：决定、起始时间、怎样领取或下一步怎么办")


class _ApplicationColumns(Values):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="申请编号")
    status = serializers.ChoiceField(Application.Status.choices, help_text="状态")
    status_label = serializers.CharField()
    applicant = serializers.CharField(help_text="申请人；县级平台只见姓名首尾")
    channel = serializers.ChoiceField(Application.Channel.choices, help_text="申请渠道")
    channel_label = serializers.CharField()
    unit = serializers.CharField(help_text="受理窗口")
    first_responder = serializers.CharField(help_text="首问责任人")
    turn = serializers.CharField(allow_blank=True, help_text="轮到谁；已结束的为空")
    drafted_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    page = serializers.CharField(help_text="网页地址")


class ApplicationSerializer(_ApplicationColumns):
    programs = serializers.ListField(child=serializers.CharField(), help_text="申请项目；不能看的敏感项目写“敏感项目”")


class ItemSerializer(Values):
    program = serializers.CharField()
    beneficiary = serializers.CharField(allow_blank=True)
    asked = serializers.CharField(allow_blank=True)
    status = serializers.CharField(allow_blank=True)
    where = serializers.CharField(allow_blank=True, help_text="现在在哪里")
    dates = DateSerializer(many=True)
    decision = TermSerializer(many=True)
    page = serializers.CharField(allow_null=True, help_text="转办单的网页地址")


class ApplicationDetailSerializer(_ApplicationColumns):
    items = ItemSerializer(many=True, help_text="申请事项")
