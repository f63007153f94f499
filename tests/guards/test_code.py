"""Where things may stand (STYLE: rooms, habits, mistakes to avoid): each guard is run over the tree and over code that breaks it."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.guards.tree import ROOMS, ROOT, Module, dotted, module, product

MODULE_LINES = 400
FORBIDDEN_ROOMS = {"services", "service", "helpers", "helper", "utils", "util", "managers", "signals", "mixins", "libraries", "receivers"}
Guard = Callable[[Module], Iterator[str]]


def over_budget(mod: Module) -> Iterator[str]:
    lines = len(mod.text.splitlines())
    if lines > MODULE_LINES:
        yield f"{mod.name}: {lines} lines, {MODULE_LINES} at most: split by verb or noun"


def forbidden_room(mod: Module) -> Iterator[str]:
    if {mod.stem, mod.path.parent.name} & FORBIDDEN_ROOMS:
        yield f"{mod.name}: a room that has no place in this house (STYLE, Rooms)"


def status_outside_transitions(mod: Module) -> Iterator[str]:
    if mod.is_room("transitions"):
        return
    for node in mod.walk(ast.Assign, ast.AugAssign, ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[attr-defined]
        flat = [t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]
        if any(isinstance(t, ast.Attribute) and t.attr == "status" and dotted(t.value) != "self" for t in flat):
            yield mod.at(node)
    for call in mod.walk(ast.Call):
        is_write = isinstance(call.func, ast.Attribute) and call.func.attr in {"update", "create", "bulk_update"}  # type: ignore[attr-defined]
        if is_write and any((k.arg or "").split("__")[0] == "status" for k in call.keywords):  # type: ignore[attr-defined]
            yield mod.at(call)


# Where time may be read: the one clock, the launcher (no Django there), and leases, which belong to the database's clock.
TIME_KEEPERS = {
    "config/clock.py",
    "config/heartbeats.py",  # signs of life are leases: the database's clock
    "deadlines/querysets.py",  # claims of the outbox
    "deadlines/models/notice.py",  # when a message may be tried again: compared with claims
    "config/logs.py",  # when a line was written, whatever day a test pretends it is
}
TIME_KEEPING_ROOMS = ("config/local/",)
TIMES = re.compile(
    r"(?:^|\.)(?:datetime|date|timezone|dt|time)\.(?:now|utcnow|today|localdate|localtime|time|time_ns|gmtime|fromtimestamp)$"
)


def other_clock(mod: Module) -> Iterator[str]:
    if mod.name in TIME_KEEPERS or mod.name.startswith(TIME_KEEPING_ROOMS):
        return
    for call in mod.walk(ast.Call):
        if TIMES.search(dotted(call.func)) and not (call.args and dotted(call.func).endswith(("localtime", "localdate"))):  # type: ignore[attr-defined]
            yield mod.at(call)
        for keyword in call.keywords:  # type: ignore[attr-defined]
            if keyword.arg in {"auto_now", "auto_now_add"}:
                yield mod.at(call)
    for node in mod.walk(ast.ImportFrom):
        names = {alias.name for alias in node.names}  # type: ignore[attr-defined]
        if (node.module == "time" and "time" in names) or (node.module == "django.db.models.functions" and "Now" in names):  # type: ignore[attr-defined]
            yield mod.at(node)


def moment_told_in_utc(mod: Module) -> Iterator[str]:
    """A moment comes from the database in UTC: told as it is, its day is yesterday's until eight in the morning."""
    for node in mod.walk(ast.FormattedValue, ast.Call):
        if isinstance(node, ast.FormattedValue):
            told = node.value if node.format_spec and "%" in ast.unparse(node.format_spec) else None
        else:
            is_day = isinstance(node.func, ast.Attribute) and node.func.attr in {"strftime", "date"}  # type: ignore[attr-defined]
            told = node.func.value if is_day else None  # type: ignore[attr-defined]
        if isinstance(told, ast.Attribute | ast.Name) and re.search(r"(?:\.|_)at$", dotted(told)):
            yield mod.at(node)


DOORS = ("views", "forms", "api", "filters", "api_views", "admin", "exports")
UNGATED = {
    "all", "get", "filter", "exclude", "first", "last", "values", "values_list", "order_by", "count", "in_bulk", "aggregate", "annotate",
    "exists", "iterator", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update", "delete", "raw",
    "earliest", "latest", "select_related", "prefetch_related", "only", "defer", "distinct", "using", "extra",
}  # fmt: skip


def ungated_query(mod: Module) -> Iterator[str]:
    if not mod.is_room(*DOORS):
        return
    for node in mod.walk(ast.Attribute):
        inner = node.value  # type: ignore[attr-defined]
        manager = isinstance(inner, ast.Attribute) and inner.attr in {"objects", "_default_manager", "_base_manager"}
        if manager and node.attr in UNGATED:  # type: ignore[attr-defined]
            yield mod.at(node)
    for call in mod.walk(ast.Call):
        by_model = dotted(call.func).endswith(("get_object_or_404", "get_list_or_404"))  # type: ignore[attr-defined]
        if by_model and call.args and isinstance(call.args[0], ast.Name) and call.args[0].id[:1].isupper():  # type: ignore[attr-defined]
            yield mod.at(call)


def signal(mod: Module) -> Iterator[str]:
    for node in mod.walk(ast.ImportFrom):
        if (node.module or "").startswith("django.dispatch") or (node.module or "").endswith(".signals"):  # type: ignore[attr-defined]
            yield mod.at(node)
    for node in mod.walk(ast.FunctionDef):
        if any(dotted(d).split(".")[-1] == "receiver" for d in node.decorator_list):  # type: ignore[attr-defined]
            yield mod.at(node)


def swallowed_error(mod: Module) -> Iterator[str]:
    for node in mod.walk(ast.ExceptHandler):
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]  # type: ignore[attr-defined]
        if any(c is None or dotted(c) in {"Exception", "BaseException"} for c in caught):
            yield mod.at(node)


def save_trick(mod: Module) -> Iterator[str]:
    if mod.is_room("models"):
        for node in mod.walk(ast.FunctionDef):
            if node.name in {"save", "delete"}:  # type: ignore[attr-defined]
                yield mod.at(node)


def open_door_for_forgery(mod: Module) -> Iterator[str]:
    for node in mod.walk(ast.Name, ast.Attribute):
        if dotted(node).split(".")[-1] in {"csrf_exempt", "mark_safe", "SafeString", "xframe_options_exempt"} and isinstance(
            node.ctx, ast.Load
        ):  # type: ignore[attr-defined]
            yield mod.at(node)


def unfinished(mod: Module) -> Iterator[str]:
    for number, line in enumerate(mod.text.splitlines(), 1):
        if re.search(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError|pragma: no cover", line):
            yield f"{mod.name}:{number}: {line.strip()[:120]}"


def delayed_fact(mod: Module) -> Iterator[str]:
    """DESIGN 6: Celery carries wake-ups, never facts, and never a date."""
    for call in mod.walk(ast.Call):
        keywords = {k.arg for k in call.keywords}  # type: ignore[attr-defined]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "apply_async" and keywords & {"eta", "countdown"}:  # type: ignore[attr-defined]
            yield mod.at(call)


def unkeyed_digest(mod: Module) -> Iterator[str]:
    """SECURITY: the plain SM3 of every ID number of a county takes 45 s; a digest that is kept takes a key."""
    if mod.is_room("models", "transitions", "querysets", "views", "api", "tasks"):
        for call in mod.walk(ast.Call):
            if dotted(call.func).startswith("hashlib."):  # type: ignore[attr-defined]
                yield mod.at(call)


# What may be written outside a verb: the tables of a transaction's own, and the staged rows that a comparison marks; neither is a state.
BENCH, STAGED = "spreadsheets_stagedrow", "StagedRow"
# Rooms that lay a county down before anybody acts: the catalogue that every start brings, the demo's, the one that is measured.
LAYING_DOWN = re.compile(r"(?:^|/)(?:reference|demo(?:_\w+)?)\.py$|^\w+/county(?:_facts)?\.py$")
STATEMENT = re.compile(
    r"(?:\bINSERT\s+INTO|(?<!\bFOR )(?<!\bKEY )(?<!\bDO )\bUPDATE|\bDELETE\s+FROM|\bMERGE\s+INTO|\bTRUNCATE(?:\s+TABLE)?|\bCOPY)"
    r"\s+(?:ONLY\s+)?(?P<table>[\"\w.]+|\?|$)"
)
SAVED = {"save", "delete", "create", "update"}  # a file's `save(path)` and a dict's `update(other)` say where by place, a row's by name
MANY_SAVED = {"get_or_create", "update_or_create", "bulk_create", "bulk_update", "_raw_delete"}
OURS = {"save", "verbs.save", "copy_into", "county.copy_into", "effects.insert", "effects.update"}  # what a verb writes with


def statements(mod: Module) -> Iterator[tuple[int, str]]:
    """Every text of a module in one piece, docstrings apart; a question mark for what is put into it."""
    pieces = {id(piece) for node in mod.walk(ast.JoinedStr) for piece in ast.walk(node) if piece is not node}
    told = {id(node.value) for node in mod.walk(ast.Expr)}  # type: ignore[attr-defined]
    for node in mod.walk(ast.JoinedStr, ast.Constant):
        if id(node) in pieces | told or (isinstance(node, ast.Constant) and not isinstance(node.value, str)):
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        said = [str(part.value) if isinstance(part, ast.Constant) else "?" for part in parts]
        yield node.lineno, re.sub(r"\{\w*\}|%s|%\(\w+\)s", "?", "".join(said))  # type: ignore[attr-defined]


def write_outside_a_verb(mod: Module) -> Iterator[str]:
    """A write has one door: set-based or row by row, it stands in the owner's `transitions`. A statement names its table."""
    if "transitions" in {mod.stem, *mod.path.parent.parts} or LAYING_DOWN.search(mod.name):
        return
    for line, text in statements(mod):
        for found in STATEMENT.finditer(text):
            table = found["table"].split(".")[-1].strip('"')
            if table in {"", "?"} or (table.startswith(tuple(f"{room}_" for room in ROOMS)) and table != BENCH):
                yield f"{mod.name}:{line}: {' '.join(found[0].split())}"
    for call in mod.walk(ast.Call):
        verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""  # type: ignore[attr-defined]
        whose = dotted(call.func)  # type: ignore[attr-defined]
        one = verb in SAVED and not call.args and (verb != "update" or call.keywords)  # type: ignore[attr-defined]
        if whose in OURS or (not whose.startswith(STAGED) and (one or verb in MANY_SAVED)):
            yield mod.at(call)


# A line that breaks each guard, and the room it breaks it in.
BROKEN: dict[Guard, list[tuple[str, str]]] = {
    over_budget: [("room/rules.py", "a = 1\n" * 401)],
    forbidden_room: [("room/services.py", "a = 1"), ("room/utils/text.py", "a = 1")],
    status_outside_transitions: [
        ("room/views.py", "referral.status = 'decided'"),
        ("room/models.py", "a.status, a.note = 'x', ''"),
        ("room/tasks.py", "Referral.objects.filter(pk=1).update(status='x')"),
        ("room/views.py", "Referral.objects.create(status='x')"),
    ],
    other_clock: [
        ("room/rules.py", "from datetime import date\na = date.today()"),
        ("room/views.py", "a = datetime.datetime.now()"),
        ("room/views.py", "a = timezone.now()"),
        ("room/models.py", "a = models.DateTimeField(auto_now=True)"),
        ("room/querysets.py", "from django.db.models.functions import Now"),
        ("room/tasks.py", "import time\na = time.time()"),
    ],
    moment_told_in_utc: [
        ("room/page.py", "a = f'{row.closed_at:%Y-%m-%d}'"),
        ("room/models.py", "a = f'{self.at:%H:%M}'"),
        ("room/page.py", "a = f'{closed_at:%Y-%m-%d} {by}'"),
        ("room/page.py", "a = row.closed_at.strftime('%Y-%m-%d')"),
        ("room/rules.py", "a = row.closed_at.date()"),
    ],
    ungated_query: [
        ("room/views.py", "a = Post.objects.all()"),
        ("room/api.py", "queryset = Post.objects.filter(pk=1)"),
        ("room/views/case.py", "a = get_object_or_404(Post, pk=1)"),
        ("room/forms.py", "a = Post._default_manager.get(pk=1)"),
    ],
    signal: [("room/apps.py", "from django.db.models.signals import post_save"), ("room/x.py", "@receiver(a)\ndef b(): pass")],
    swallowed_error: [("room/x.py", "try:\n  a\nexcept Exception:\n  pass"), ("room/x.py", "try:\n  a\nexcept:\n  pass")],
    save_trick: [("room/models.py", "class A:\n  def save(self): pass"), ("room/models/a.py", "class A:\n  def delete(self): pass")],
    open_door_for_forgery: [("room/views.py", "@csrf_exempt\ndef a(): pass"), ("room/views.py", "a = mark_safe(b)")],
    unfinished: [("room/x.py", "# TODO: more"), ("room/x.py", "raise NotImplementedError")],
    delayed_fact: [("room/x.py", "task.apply_async(args, countdown=5)")],
    unkeyed_digest: [("room/models.py", "a = hashlib.sha256(b)")],
    write_outside_a_verb: [
        ("room/sheets/x.py", "run('UPDATE households_fact SET value = 1')"),
        ("room/rules.py", 'A = """\n  INSERT INTO\n    households_access (id) SELECT 1"""'),
        ("room/page.py", "a = f'DELETE FROM {table} WHERE id = %s'"),
        ("room/page.py", "a = 'INSERT INTO {table} ({columns})'.format(table=b)"),
        ("room/page.py", "a = 'TRUNCATE ' + table"),
        ("room/querysets.py", "a = self.filter(pk=1).update(until=day)"),
        ("room/tasks.py", "row.save(update_fields=['until'])"),
        ("room/page.py", "Access.objects.filter(pk=1).delete()"),
        ("room/sheets/x.py", "effects.update(batch, Fact, statement, values)"),
        ("room/views.py", "Access.objects.bulk_create(rows)"),
        ("room/views.py", "save(row, 'until')"),
        ("room/page.py", "copy_into(Access, columns, rows)"),
        ("room/page.py", "a = 'UPDATE %s SET until = 1' % table"),
        ("room/screening/county.py", "run('DELETE FROM households_access')"),
    ],
}
# (guard, file and the words of the line): each with its reason. Keep it short.
ACCEPTED: set[tuple[str, str, str]] = {
    # The people named on a row that came through its own gate: who signed for it is no secret to whoever sees it.
    ("ungated_query", "referrals/views/finding.py", "in_bulk([pk for pk in ids.values() if pk])"),
    # The work of a job is anybody's code: whatever it raises, the job is ended with a sentence and the log has the rest.
    ("swallowed_error", "deadlines/running.py", "except Exception as raised"),
    # Nor may one periodic work keep the others from their turn.
    ("swallowed_error", "deadlines/transitions/periods.py", "except Exception as raised"),
    # Nor one part of what cron calls the others.
    ("swallowed_error", "deadlines/management/commands/run_due.py", "except Exception as broken"),
    # A county's gateway is anybody's code: whatever it raises, the text waits for another try.
    ("swallowed_error", "deadlines/gateways.py", "except Exception as error"),
    # Whatever keeps a line from being made breaks the COPY off without a word to the server, and is raised once it has ended.
    ("swallowed_error", "config/county.py", "except Exception as raised"),
    # Rules are data: whatever one of them raises is logged, and the family is screened at a later try.
    ("swallowed_error", "referrals/transitions/rescreening.py", "except Exception as raised"),
    # How every verb saves.
    ("write_outside_a_verb", "config/verbs.py", "row.save("),
    # The token of a form and the sign that a process is alive are of the middleware and the launcher: nobody reads of them.
    ("write_outside_a_verb", "config/once.py", ""),
    ("write_outside_a_verb", "config/heartbeats.py", "config_heartbeat"),
    ("write_outside_a_verb", "config/local/prepare.py", "Heartbeat"),
    # Another key under what says the same before and after.
    ("write_outside_a_verb", "config/protection/rotation.py", "UPDATE ?"),
    # Leases are no state: whoever works on a row says that he still does.
    ("write_outside_a_verb", "deadlines/querysets.py", "self.update(lease"),
    ("write_outside_a_verb", "deadlines/running.py", "UPDATE deadlines_job"),
    # What the statement of a verb has written, kept in that statement.
    ("write_outside_a_verb", "spreadsheets/effects.py", "spreadsheets_effect"),
    # Staged rows, from the table of the transaction to that of everybody.
    ("write_outside_a_verb", "spreadsheets/apart.py", "INSERT INTO ?"),
}


def _accepted(guard: Guard, complaint: str) -> bool:
    return any(name == guard.__name__ and complaint.startswith(path) and words in complaint for name, path, words in ACCEPTED)


@pytest.mark.parametrize("guard", BROKEN, ids=lambda g: g.__name__)
def test_tree_keeps(guard):
    complaints = [c for mod in product() for c in guard(mod) if not _accepted(guard, c)]
    assert not complaints, "\n".join(["", *complaints])


@pytest.mark.parametrize(("guard", "name", "text"), [(g, *case) for g, cases in BROKEN.items() for case in cases])
def test_guard_finds(guard, name, text):
    assert list(guard(module(text, name)))


def test_every_exception_is_still_needed():
    guards = {g.__name__: g for g in BROKEN}
    stale = [a for a in ACCEPTED if not any(c.startswith(a[1]) and a[2] in c for mod in product() for c in guards[a[0]](mod))]
    assert not stale


def test_a_moment_on_the_wall_clock_and_a_day_may_be_told():
    text = "a = f'{clock.local(row.closed_at):%Y-%m-%d} {row.opens_on:%Y-%m-%d} {row.closed_at}'\nb = clock.local(row.closed_at).date()"
    assert not list(moment_told_in_utc(module(text)))


def test_status_of_ones_own_response_is_no_state():
    text = "class Refusal:\n  def __init__(self):\n    self.status = 409\nresponse.status_code = 409"
    assert not list(status_outside_transitions(module(text)))


def test_what_is_no_row_of_the_house_may_be_written_anywhere():
    text = (
        "run('UPDATE roll_row r SET wrong = 1')\nrun('UPDATE spreadsheets_stagedrow SET marks = 1')\nStagedRow.objects.bulk_update(a, b)\n"
        "a = 'SELECT 1 FROM households_fact FOR UPDATE'\nfound.update(other)\nbook.save(path)\n"
    )
    assert not list(write_outside_a_verb(module(text)))
    write = "run('DELETE FROM households_fact')\nrow.save()"
    for name in ("room/transitions.py", "room/transitions/facts.py", "room/reference.py", "room/demo_people.py"):
        assert not list(write_outside_a_verb(module(write, name)))


def test_migrations_say_what_they_do():
    names = [p.name for p in ROOT.glob("*/migrations/0*.py")]
    assert names
    assert not [n for n in names if "auto" in n or not re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", n)]
