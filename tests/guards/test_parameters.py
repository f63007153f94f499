"""fixtures/parameters.csv holds every figure of the rules, each once, as exact JSON with its origin."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Part P of the rules, row by row: a figure that vanishes from the file is a rule without its number.
PART_P = [
    "data_cycle_due_day",
    "one_off_since",
    "push_due_day",
    "initial_push_due",
    "autumn_push_due",
    "dispatch_warning_wd",
    "survey_initial",
    "survey_incremental_wd",
    "self_paid_threshold",
    "monthly_visits_min",
    "window_answer_min",
    "e_submit_window",
    "paper_due_day",
    "township_staff_min",
    "township_coordinator_bands",
    "assistants_per_village",
    "county_meeting_period",
    "township_meeting_period",
    "plenary_meetings_per_year_min",
    "annual_report_due",
    "social_workers_per_station_min",
    "purchase_share_min",
    "purchase_share_of_relief_fund_max",
    "hotline_on_time_target",
    "conference_programs_min",
    "ranking_start_month",
    "ranking_order",
    "limit_mz01",
    "limit_delegated_mz01",
    "limit_extended_mz01",
    "verification_start_within",
    "matching_start_within",
    "township_limit_mz07",
    "county_limit_mz07",
    "refusal_notice_within",
    "publicity_days",
    "republicity_days",
    "county_spot_check_share_mz07",
    "investigators_min",
    "gradual_exit_max",
    "death_processing_max",
    "border_factor",
    "rigid_status_validity",
    "self_care_reassessment_limit",
    "legal_aid_limits",
    "complaint_limits",
    "impact_assessment_retention",
    "village_push_within",
    "referral_receive_within",
    "adjudication_limit",
    "paperwork_after_urgent_aid",
    "supplement_notice_within",
    "verification_validity",
    "written_reminder_reply",
    "amber_before_due",
    "urgent_clue_first_visit",
    "conference_convened_within",
    "credit_record_term",
    "sweep_plan_period",
]


def rows() -> list[dict[str, str]]:
    with (ROOT / "fixtures/parameters.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_figure_of_part_p_is_listed() -> None:
    assert set(PART_P) - {row["key"] for row in rows()} == set()


def test_a_figure_stands_once_per_scope_and_day() -> None:
    times = Counter((row["key"], row["region_code"], row["department_code"], row["valid_from"]) for row in rows())
    assert [scope for scope, count in times.items() if count > 1] == []


def test_every_figure_has_a_value_a_name_and_an_origin() -> None:
    for row in rows():
        assert json.loads(row["value"]) is not None, row["key"]
        assert row["origin"] in {"seed", "national", "assumed"}, row["key"]
        assert row["source"], row["key"]
        assert len(row["key"]) <= 60, row["key"]
        assert 0 < len(row["name"]) <= 80, row["key"]
        assert len(row["unit"]) <= 20, row["key"]
        assert date.fromisoformat(row["valid_from"]), row["key"]


def test_a_demo_value_never_passes_for_a_rule() -> None:
    assert [row["key"] for row in rows() if row["is_demo"] and row["origin"] != "assumed"] == []
    assert [row["key"] for row in rows() if row["is_demo"] and not row["note"]] == []
