"""What must hold after any number of kills, asked of the clients' ledger, the database and the gateway's folder. Each is a plain function.

`tests/faults/test_naive.py` shows each of them a version of the house that does it wrong, and each must say so.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .ledger import Line, of

REFERRAL, DUTY, JOB, REQUEST = "referrals.referral", "deadlines.duty", "deadlines.job", "intake.request"
JOB_DUTY = 900_000_000
# Lines of the record that stand at most once for their subject, whatever happened.
ONCE = (
    "referral.decided", "duty.opened", "duty.taken", "duty.closed", "job.finished", "request.registered", "request.pushed",
    "supplement.asked",
)  # fmt: skip
# A referral passes several units: these once for each referral that a client of the drill signed for.
ONCE_IN_THE_DRILL = ("referral.received", "referral.taken", "referral.returned")


@dataclass
class Found:
    """What a check looked at, and what was wrong, a sentence each."""

    name: str
    looked_at: int = 0
    wrong: list[str] = field(default_factory=list)

    def take(self, looked_at: int, wrong: Iterable[str]) -> None:
        self.looked_at += looked_at
        self.wrong += wrong


class Evidence:
    """The three witnesses: `database` is a psycopg2 connection, `sms` the folder in which the gateway leaves one file for each message."""

    def __init__(self, lines: list[Line], database: Any, sms: Path | None = None) -> None:
        self.lines, self.database, self.sms = lines, database, sms

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.database.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def sent(self) -> list[dict[str, Any]]:
        """What the gateway has: one object for each file."""
        if self.sms is None or not self.sms.exists():
            return []
        return [{"file": path.name, **json.loads(path.read_text(encoding="utf-8"))} for path in sorted(self.sms.glob("*.json"))]


# ── nothing that was acknowledged is missing ────────────────────────────────────────────────────────────────────────────────
# What a client was told -> the name of the row in its line, and the rows for which that is still true.
KEPT: dict[str, tuple[str, str]] = {
    "duty.opened": ("duty", "SELECT id::text FROM deadlines_duty"),
    "duty.opened late": ("duty", "SELECT duty_id::text FROM deadlines_reminder WHERE stage = 'overdue' AND told_at IS NOT NULL"),
    "duty.taken": ("duty", "SELECT id::text FROM deadlines_duty WHERE taken_at IS NOT NULL"),
    "duty.closed": ("duty", "SELECT id::text FROM deadlines_duty WHERE closed_at IS NOT NULL"),
    "announced": ("subject", "SELECT subject_id::bigint FROM deadlines_notice WHERE kind = 'faults.said'"),
    "job.asked": ("job", "SELECT id::text FROM deadlines_job WHERE status = 'done'"),
    "referral.received": ("referral", "SELECT referral_id::text FROM referrals_referralstage WHERE received_at IS NOT NULL"),
    "referral.taken": ("referral", "SELECT id::text FROM referrals_referral WHERE status IN ('handling', 'returned')"),
    "referral.returned": ("referral", "SELECT id::text FROM referrals_referral WHERE status = 'returned'"),
    "referral.decided": (
        "decision",
        "SELECT r.id || ' ' || s.username FROM referrals_referral r JOIN organization_staff s ON s.id = r.decided_by_staff_id"
        " WHERE r.outcome = 'approved'",
    ),
    "request.registered": ("request", "SELECT id::text FROM intake_request"),
    "supplement.asked": ("application", "SELECT application_id::text FROM intake_supplementnotice"),
}


def acknowledged_writes(seen: Evidence) -> Found:
    """Whatever a client was told is done is there."""
    found = Found("acknowledged_writes")
    for what, (key, sql) in KEPT.items():
        told = [line for line in seen.lines if line["what"] == what or (line.get("is_late") and f"{line['what']} late" == what)]
        if told:
            stands = {row for (row,) in seen.rows(sql)}
            found.take(
                len(told), (f"{what} was acknowledged and is gone: {_named(line, key)}" for line in told if _named(line, key) not in stands)
            )
    return found


def _named(line: Line, key: str) -> Any:
    return f"{line['referral']} {line['by']}" if key == "decision" else line[key]


# ── a change and all that belongs to it stand or fall together ───────────────────────────────────────────────────────────────
# Each gives: what it is, whether it was done (1 or 0), and how many rows of each kind say so.
WHOLE: dict[str, str] = {
    "decided referral: its event, stay, notice, feedback clock, closed promise, paper, record": """
        SELECT 'referral ' || r.number, (r.outcome <> '')::int,
          (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'referrals.referral' AND e.subject_id = r.id::text
             AND e.verb = 'referral.decided'),
          (SELECT count(*) FROM referrals_referralstage s WHERE s.referral_id = r.id AND s.result = 'decided'),
          (SELECT count(*) FROM deadlines_notice n WHERE n.subject_label = 'referrals.referral' AND n.subject_id = r.id::text
             AND n.kind = 'referral.decided'),
          (SELECT count(*) FROM deadlines_duty d WHERE d.subject_label = 'referrals.referral' AND d.subject_id = r.id::text
             AND d.kind = 'feedback'),
          (SELECT count(*) FROM deadlines_duty d WHERE d.subject_label = 'referrals.referral' AND d.subject_id = r.id::text
             AND d.kind = 'promise' AND d.closed_at IS NOT NULL),
          (SELECT count(*) FROM documents_issueddocument p WHERE p.subject_label = 'referrals.referral' AND p.subject_id = r.id::text
             AND p.kind LIKE '%_notice'),
          (SELECT count(*) FROM households_assistancerecord a WHERE a.decision_id = r.id) + (r.outcome = 'refused')::int
        FROM referrals_referral r""",
    "stay at a unit: signed for, and its line": """
        SELECT 'referral ' || r.number,
          (SELECT count(*) FROM referrals_referralstage s WHERE s.referral_id = r.id AND s.received_at IS NOT NULL),
          (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'referrals.referral' AND e.subject_id = r.id::text
             AND e.verb = 'referral.received')
        FROM referrals_referral r""",
    "returned referral: its event and its clock": """
        SELECT 'referral ' || r.number, (r.status = 'returned')::int,
          (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'referrals.referral' AND e.subject_id = r.id::text
             AND e.verb = 'referral.returned'),
          (SELECT count(*) FROM referrals_referralstage s WHERE s.referral_id = r.id AND s.result = 'returned')
        FROM referrals_referral r""",
    "opened duty: its line": """
        SELECT 'duty ' || d.id, 1, (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'deadlines.duty'
          AND e.subject_id = d.id::text AND e.verb = 'duty.opened') FROM deadlines_duty d""",
    "taken duty: its line": """
        SELECT 'duty ' || d.id, (d.taken_at IS NOT NULL)::int, (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'deadlines.duty'
          AND e.subject_id = d.id::text AND e.verb = 'duty.taken') FROM deadlines_duty d WHERE d.kind = 'drill'""",
    "closed duty: its line": """
        SELECT 'duty ' || d.id, (d.closed_at IS NOT NULL)::int, (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'deadlines.duty'
          AND e.subject_id = d.id::text AND e.verb = 'duty.closed') FROM deadlines_duty d""",
    "notice: its message": """
        SELECT 'notice ' || n.id, 1, (SELECT count(*) FROM deadlines_outboxmessage m WHERE m.channel = 'in_app'
          AND m.payload->>'notice' = n.id::text) FROM deadlines_notice n""",
    "urgent news to a person with a mobile: its text": """
        SELECT 'notice ' || n.id, 1, (SELECT count(*) FROM deadlines_outboxmessage m WHERE m.channel = 'sms'
          AND m.payload->>'notice' = n.id::text)
        FROM deadlines_notice n JOIN organization_mobile o ON o.staff_id = n.staff_id WHERE n.kind = 'faults.said' AND n.is_urgent""",
    "message: its notice": """
        SELECT 'message ' || m.id, 1, (SELECT count(*) FROM deadlines_notice n WHERE m.payload->>'notice' = n.id::text)
        FROM deadlines_outboxmessage m WHERE m.payload ? 'notice'""",
    "finished job: its line and its effect": """
        SELECT 'job ' || j.id, (j.status = 'done')::int,
          (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'deadlines.job' AND e.subject_id = j.id::text
             AND e.verb = 'job.finished'),
          (SELECT count(*) FROM deadlines_duty d WHERE d.kind = 'job'
             AND d.subject_id = (900000000 + (j.arguments->>'number')::bigint)::text) * (j.status = 'done')::int
        FROM deadlines_job j WHERE j.kind = 'faults.work'""",
    "period done: its notice": """
        SELECT 'period ' || p.key || ' ' || p.period, (p.finished_at IS NOT NULL)::int,
          (SELECT count(*) FROM deadlines_notice n WHERE n.kind = 'faults.round'
             AND n.subject_id = (right(p.key, 1)::bigint * 10000000000 + extract(epoch FROM p.starts_at)::bigint)::text)
        FROM deadlines_periodrun p WHERE p.key LIKE 'faults.round%'""",
    # Of stages told together the most pressing one has the notice.
    "urgent reminder told: a notice to one or several": """
        SELECT 'reminder ' || r.id, (r.told_at IS NOT NULL)::int, (SELECT least(count(*), 1) FROM deadlines_reminder with_it
          JOIN deadlines_notice n ON n.kind = 'duty.' || with_it.stage AND n.subject_label = 'deadlines.duty'
            AND n.subject_id = with_it.duty_id::text
          WHERE with_it.duty_id = r.duty_id AND with_it.told_at = r.told_at)
        FROM deadlines_reminder r WHERE r.is_urgent AND r.stage IN ('amber', 'overdue')""",
    "request: its line, its push, its clock, its notice": """
        SELECT 'request ' || r.number, 1,
          (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'intake.request' AND e.subject_id = r.id::text
             AND e.verb = 'request.registered'),
          (SELECT count(*) FROM audit_event e WHERE e.subject_label = 'intake.request' AND e.subject_id = r.id::text
             AND e.verb = 'request.pushed'),
          (SELECT count(*) FROM deadlines_duty d WHERE d.subject_label = 'intake.request' AND d.subject_id = r.id::text)
        FROM intake_request r""",
    "supplement asked: its line, its status": """
        SELECT 'application ' || a.number, (a.status = 'supplement')::int,
          (SELECT count(*) FROM intake_supplementnotice n WHERE n.application_id = a.id),
          (SELECT count(*) FROM audit_event e WHERE e.application_id = a.id AND e.verb = 'supplement.asked')
        FROM intake_application a""",
}


def whole_transactions(seen: Evidence) -> Found:
    """No transaction was torn: of what belongs together all is there, or nothing."""
    found = Found("whole_transactions")
    for what, sql in WHOLE.items():
        rows = seen.rows(sql)
        found.take(
            len(rows), (f"{what}: {name} is {done} and says {said}" for name, done, *said in rows if any(one != done for one in said))
        )
    return found


# ── no notice is lost ────────────────────────────────────────────────────────────────────────────────────────────────────────
def lost_notices(seen: Evidence) -> Found:
    """Every message was delivered: the notice is to be seen, the gateway has the text."""
    found = Found("lost_notices")
    rows = seen.rows(
        """SELECT m.id, m.channel, m.delivered_at IS NOT NULL, m.parked_at IS NOT NULL, n.delivered_at IS NOT NULL
           FROM deadlines_outboxmessage m LEFT JOIN deadlines_notice n ON n.id::text = m.payload->>'notice' ORDER BY m.id"""
    )
    found.take(len(rows), (f"message {pk} waits{' parked' if parked else ''}" for pk, _, done, parked, _ in rows if not done))
    unseen = (pk for pk, channel, done, _, shown in rows if done and not shown and channel == "in_app")
    found.take(0, (f"message {pk}: delivered, its notice is not to be seen" for pk in unseen))
    keys = {sent["key"] for sent in seen.sent()}
    short = [(pk, key_of(pk)) for pk, channel, done, _, _ in rows if channel == "sms" and done]
    found.take(len(short), (f"message {pk}: delivered, and the gateway has nothing under {key}" for pk, key in short if key not in keys))
    return found


def key_of(message: int) -> str:
    """Under which key the drain hands a text to the gateway."""
    return f"sms-{message}"


# ── nothing happened twice ───────────────────────────────────────────────────────────────────────────────────────────────────
# Each gives what was done and how often; once is right.
TWICE: dict[str, str] = {
    "records of one decision": "SELECT decision_id::text, count(*) FROM households_assistancerecord"
    " WHERE decision_id IS NOT NULL GROUP BY 1",
    "news told to the same target": "SELECT subject_id || '>' || coalesce(unit_id, 0) || '>' || coalesce(staff_id, 0), count(*)"
    " FROM deadlines_notice WHERE kind IN ('faults.said', 'faults.round', 'referral.decided', 'referral.returned', 'request.pushed',"
    " 'duty.amber', 'duty.overdue') GROUP BY kind, 1",
    "digests of one reader and day": "SELECT coalesce(unit_id, 0) || '>' || coalesce(staff_id, 0) || ' ' || created_at::date, count(*)"
    " FROM deadlines_notice WHERE kind = 'duty.digest' GROUP BY 1",
    "messages of one notice and channel": "SELECT channel || ' ' || (payload->>'notice'), count(*) FROM deadlines_outboxmessage GROUP BY 1",
    "requests from one form": "SELECT name, count(*) FROM intake_request GROUP BY 1",
    "supplement notices of one application": "SELECT application_id::text, count(*) FROM intake_supplementnotice GROUP BY 1",
    "effects of one job": "SELECT subject_id, count(*) FROM deadlines_duty WHERE kind = 'job' GROUP BY 1",
    "decisions of one referral": "SELECT referral_id::text, count(*) FROM referrals_referralstage WHERE result = 'decided' GROUP BY 1",
    "reminders of one date": "SELECT duty_id || ' ' || stage || ' ' || due_at, count(*) FROM deadlines_reminder GROUP BY 1",
    "runs of one period": "SELECT key || ' ' || period, count(*) FROM deadlines_periodrun GROUP BY 1",
}


def doubled_effects(seen: Evidence) -> Found:
    """One decision, one line, one record, one notice, one message, one reminder, one run of each."""
    found = Found("doubled_effects")
    lines = seen.rows("SELECT verb || ' ' || subject_id, count(*) FROM audit_event WHERE verb = ANY(%s) GROUP BY 1", list(ONCE))
    found.take(len(lines), _more_than_one("lines of the record", lines))
    mine = sorted({line["referral"] for line in of(seen.lines, "referral.received")})
    handled = seen.rows(
        "SELECT verb || ' ' || subject_id, count(*) FROM audit_event WHERE verb = ANY(%s) AND subject_id = ANY(%s) GROUP BY 1",
        list(ONCE_IN_THE_DRILL), mine,
    )  # fmt: skip
    found.take(len(handled), _more_than_one("lines of the record", handled))
    for what, sql in TWICE.items():
        rows = seen.rows(sql)
        found.take(len(rows), _more_than_one(what, rows))
    decided = Counter(line["referral"] for line in of(seen.lines, "referral.decided"))
    found.take(len(decided), _more_than_one("approvers who were told that it was theirs", decided.items()))
    sent = Counter(text["key"] for text in seen.sent())
    found.take(len(sent), _more_than_one("short messages under one key", sent.items()))
    return found


def _more_than_one(what: str, rows: Iterable[tuple[Any, int]]) -> Iterator[str]:
    return (f"{what}: {name} {times} times" for name, times in rows if times > 1)


CHECKS: tuple[Callable[[Evidence], Found], ...] = (acknowledged_writes, whole_transactions, lost_notices, doubled_effects)


def served_without_the_broker(absences: list[dict[str, Any]]) -> Found:
    """While it was away pages were answered, somebody decided, and /readyz said what was missing and that the rest was well."""
    found = Found("served_without_the_broker", looked_at=len(absences))
    for number, away in enumerate(absences, 1):
        for what in ("answered", "decided"):
            if not away[what]:
                found.wrong.append(f"absence {number}: nothing was {what}")
        if (away["readyz"], away["broker_ok"], away["database_ok"]) != (503, False, True):
            found.wrong.append(f"absence {number}: /readyz said {away}")
    return found
