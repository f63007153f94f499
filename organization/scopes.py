"""Which figures a township or a department may have of its own: those that are read for a place, and no other.

A value for one township of a figure that the house reads for the whole county would stand as in force and count nowhere. The guard
(`tests/guards/test_parameter_scopes.py`) compares these marks with the readers in the source and with the rules of the reference data.
"""

# Read for the place and for the department of the program: what screening rules compare with, caps and ceilings of tracks (LY-15).
BY_PLACE_AND_DEPARTMENT = frozenset({
    "border_factor", "business_months_min_rs05", "compulsory_age_jw04", "disposable_income_per_head", "elderly_service_age_mz10",
    "kindergarten_age_jw05", "labour_age_min", "monitor_line", "no_labour_age_mz07", "rehabilitation_age_max_cl04", "retirement_age",
    "rigid_spending_multiple_mz04", "rigid_spending_ratio_yb01", "self_paid_min_wj01", "self_paid_min_yb01", "subsistence_standard",
    "training_age_below_rs02", "urgent_ceiling_mz04", "youth_age_max_tx01", "youth_age_tx04",
})  # fmt: skip
OF_TRACKS = ("program_cap_", "township_ceiling_")  # named by a track
# Read for the place alone: limits of steps, and after how long the same cause may be aided again.
BY_PLACE = frozenset({
    "adjudication_limit", "change_report_confirm_within", "referral_receive_within", "refusal_notice_within", "supplement_return_within",
})  # fmt: skip
OF_PROGRAMS = ("same_cause_repeat_",)  # named by a program's code


def is_by_department(key: str) -> bool:
    return key in BY_PLACE_AND_DEPARTMENT or key.startswith(OF_TRACKS)


def is_by_place(key: str) -> bool:
    return is_by_department(key) or key in BY_PLACE or key.startswith(OF_PROGRAMS)


def scope_refused(key: str, *, has_region: bool, has_department: bool) -> str:
    """Why the figure cannot be set for that scope alone; empty where it can."""
    if (has_region or has_department) and not is_by_place(key):
        return "全县共用一个值，不能只对一个乡镇或部门设定"
    if has_department and not is_by_department(key):
        return "只能按乡镇（街道）分别设定，不能只对一个部门设定"
    return ""
