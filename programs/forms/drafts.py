"""Forms of a draft's parts. Each names the revision it was opened at and the source of what is changed."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.forms.utils import ErrorDict

from config.rendering import OpinionArea
from organization.models import Department

from ..models import Material, MaterialRequirement, ProgramVersion, Stage, Track
from ..models.track import LimitUnit
from ..transitions.drafts import OPENING, REQUIREMENT, STAGE, STAGES_MAX, TRACK, WORDS

PAPERS_MAX = 40
_AREAS = ("conditions", "legal_basis", "remedies", "remark", "aid", "summary", "place", "publicity_masking")


class QuietForm(forms.Form):
    """One whose post may ask for another row, which is no save."""

    def be_quiet(self) -> None:
        """While rows are added and taken away nothing is found wrong yet."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}


class NoteForm(forms.Form):
    """What the next version is for."""

    note = forms.CharField(label="这次要改什么、为什么改", max_length=200, widget=OpinionArea())


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=OpinionArea())


class PartForm(QuietForm):
    """The end of every part's form: the source, and the revision that its writer saw."""

    source = forms.CharField(
        label="改动依据", max_length=200, help_text="根据哪份文件、哪次会议；写文号或日期。改动的各项将注明“本县规定”和这个依据。"
    )
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    MODEL: Any = None
    NAMES: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Any, revision: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial: dict[str, Any] = {"seen_revision": revision, **{name: getattr(row, name) for name in self.NAMES}}
        own = fields_for_model(self.MODEL, fields=self.NAMES) if self.MODEL else {}
        for name, field in own.items():
            field.widget = forms.Textarea(attrs={"rows": 3}) if name in _AREAS else field.widget
        self.fields = {**own, **self.own_fields(), "source": self.fields["source"], "seen_revision": self.fields["seen_revision"]}

    def own_fields(self) -> dict[str, forms.Field]:
        """What the model's column does not offer as office people fill it in."""
        return {}

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.NAMES}

    def look_again(self, revision: int) -> None:
        """After a refusal: the next save is made in sight of the newest revision, with what was typed."""
        data: Any = self.data
        self.data = data.copy()
        self.data["seen_revision"] = str(revision)  # type: ignore[index]


class WordsForm(PartForm):
    MODEL, NAMES = ProgramVersion, WORDS

    def own_fields(self) -> dict[str, forms.Field]:
        return {
            "pause_causes": forms.MultipleChoiceField(
                label="暂停计时的情形", choices=ProgramVersion.PauseCause.choices, required=False, widget=forms.CheckboxSelectMultiple
            )
        }


class OpeningForm(PartForm):
    MODEL, NAMES = ProgramVersion, OPENING

    def own_fields(self) -> dict[str, forms.Field]:
        return {
            "open_months": forms.TypedMultipleChoiceField(
                label="受理月份", choices=[(month, f"{month}月") for month in range(1, 13)], coerce=int, required=False,
                widget=forms.CheckboxSelectMultiple, help_text="只有“限定月份受理”的项目勾选。",
            )
        }  # fmt: skip


class TrackForm(PartForm):
    MODEL, NAMES = Track, TRACK


class StageForm(forms.Form):
    """A stage: who does what within how long, and what of the whole it takes, in the track's unit. An empty last row is none."""

    stage = forms.IntegerField(required=False, widget=forms.HiddenInput)
    place = forms.IntegerField(label="顺序", min_value=1, max_value=99)
    act = forms.ChoiceField(label="做什么", choices=[("", "请选择"), *Stage.Act.choices])
    unit_kind = forms.ChoiceField(label="由谁办理", choices=[("", "请选择"), *Stage.UnitKind.choices])
    department = forms.ModelChoiceField(Department.objects.none(), label="协审部门", required=False, empty_label="—")
    name = forms.CharField(label="环节名称", max_length=30)
    limit = forms.IntegerField(label="时限", min_value=0, max_value=999)
    limit_unit = forms.ChoiceField(label="单位", choices=LimitUnit.choices, initial=LimitUnit.WORKING_DAYS)
    is_counted = forms.BooleanField(label="计入全程", required=False)
    counts_for = forms.IntegerField(label="占全程", min_value=0, max_value=999)

    def __init__(self, *args: Any, departments: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if departments is not None:
            self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class _Stages(forms.BaseFormSet):
    def clean(self) -> None:
        for form in self.rows:
            if not form.cleaned_data.get("is_counted") and form.cleaned_data.get("counts_for"):
                form.add_error("counts_for", "不计入全程的环节填0。")

    @property
    def rows(self) -> list[forms.Form]:
        """Stages that stay, in the order that their writer gives them."""
        gone = set(map(id, self.deleted_forms))
        filled = [form for form in self.forms if id(form) not in gone and getattr(form, "cleaned_data", {}).get("act")]
        return sorted(filled, key=lambda form: form.cleaned_data.get("place") or 0)


StageFormSet = forms.formset_factory(
    StageForm, formset=_Stages, extra=2, can_delete=True, max_num=12, validate_max=True, absolute_max=STAGES_MAX
)


def stages_initial(track: Track) -> list[dict[str, Any]]:
    stages = track.stages.all()
    return [{"stage": stage.pk, "place": stage.order, **{name: getattr(stage, name) for name in STAGE}} for stage in stages]


class PapersForm(PartForm):
    """The source of a change in the list of papers; the rows are a formset."""


class PaperForm(forms.Form):
    requirement = forms.IntegerField(required=False, widget=forms.HiddenInput)
    material = forms.ModelChoiceField(Material.objects.none(), label="材料", to_field_name="key", empty_label="请选择")
    name = forms.CharField(label="告知单上的名称", max_length=40, required=False, help_text="空着用材料目录的名称")
    need = forms.ChoiceField(label="要求", choices=MaterialRequirement.Need.choices, initial=MaterialRequirement.Need.REQUIRED)
    condition = forms.CharField(label="适用情形", max_length=80, required=False)
    advice = forms.CharField(label="说明", max_length=120, required=False)
    is_form = forms.BooleanField(label="窗口提供表格", required=False)

    def __init__(self, *args: Any, materials: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if materials is not None:
            self.fields["material"].queryset = materials  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("material") and not data.get("name"):
            data["name"] = data["material"].name
        return data


class _Papers(forms.BaseFormSet):
    def clean(self) -> None:
        """A material stands once for a track; deleted and empty rows do not count."""
        seen: set[Any] = set()
        for form in self.rows:
            key = (form.cleaned_data["material"].pk, form.initial.get("track"))
            if key in seen:
                form.add_error("material", "这种材料已经列入，请勿重复。")
            seen.add(key)

    @property
    def rows(self) -> list[forms.Form]:
        """Rows that stay."""
        gone = set(map(id, self.deleted_forms)) if self.can_delete else set()
        return [form for form in self.forms if id(form) not in gone and getattr(form, "cleaned_data", {}).get("material")]


PaperFormSet = forms.formset_factory(
    PaperForm, formset=_Papers, extra=1, can_delete=True, max_num=PAPERS_MAX, validate_max=True, absolute_max=PAPERS_MAX + 10
)


def papers_initial(version: ProgramVersion) -> list[dict[str, Any]]:
    rows = version.requirements.select_related("material", "track").order_by("order")
    return [
        {"requirement": row.pk, "material": row.material_id, "track": row.track_id, **{name: getattr(row, name) for name in REQUIREMENT}}
        for row in rows
    ]


class PublishForm(forms.Form):
    valid_from = forms.DateField(label="自哪天起执行", widget=forms.DateInput)
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
