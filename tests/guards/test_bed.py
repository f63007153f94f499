"""The bed is as strict as it says: each rule is broken here once (STYLE habits 8 and 11)."""

import contextlib
import socket
import warnings
from datetime import datetime

import psycopg2
import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.template import Context, Origin, Template
from django.template.engine import Engine
from django.test import RequestFactory
from django.urls import resolve

from audit.models import Event
from config import clock as house_clock
from config.local.postgres import drop_database
from organization.models import Parameter, Region, Staff, Unit
from tests import cast, strict
from tests.conftest import NOW
from tests.databases import Bed, fingerprint
from tests.programs.factories import next_version
from tests.referrals.factories import ReferralFactory

RETRY = "/deadlines/outbox/retry/"


def ours(source: str) -> Template:
    """A template as if it stood in our folder."""
    return Template(source, origin=Origin(name=f"{strict.TEMPLATES}/guards/x.html"), engine=Engine.get_default())


def test_warning_is_an_error():
    with pytest.raises(UserWarning, match="careful"):
        warnings.warn("careful", stacklevel=1)


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443)])
def test_network_is_refused(address):
    with socket.socket() as sock, pytest.raises(strict.NetworkRefused):
        sock.connect(address)


def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize("source", ["{{ nobody }}", "{{ nobody.name }}", "{{ nobody|upper }}", "{% with a=nobody %}{{ a }}{% endwith %}"])
def test_unknown_variable_fails(source):
    with pytest.raises(strict.UnknownVariable, match="nobody"):
        ours(source).render(Context())


def test_missing_attribute_of_a_known_variable_fails():
    with pytest.raises(strict.UnknownVariable, match=r"region\.nmae"):
        ours("{{ region.nmae }}").render(Context({"region": Region(name="忠县")}))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% if nobody %}a{% else %}b{% endif %}", "b"),
        ("{% for n in nobody %}a{% empty %}b{% endfor %}", "b"),
        ("{{ nobody|default:'—' }}", "—"),
        ("{{ nobody|default:'a'|upper }}", "A"),
        ("{{ known }}", ""),
    ],
)
def test_what_a_template_provides_for_may_be_missing(source, text):
    assert ours(source).render(Context({"known": ""})) == text


def test_templates_of_others_keep_their_manners():
    assert Template("[{{ nobody }}]", origin=Origin(name="/elsewhere/x.html")).render(Context()) == "[]"


READ = RequestFactory().get("/")
WRITE = RequestFactory().post("/")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO organization_region (code) VALUES ('1')",
        "UPDATE organization_region SET name = 'x'",
        "DELETE FROM organization_region",
        "SELECT code FROM organization_region FOR NO KEY UPDATE",
        "WITH x AS (DELETE FROM organization_region RETURNING code) SELECT * FROM x",
        "TRUNCATE organization_region",
        "DELETE FROM django_session",
        "SELECT code INTO copied FROM organization_region",
    ],
)
def test_reading_page_cannot_write(db, sql):
    def view(request):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    with pytest.raises(strict.WriteBehindRead):
        strict.read_only_pages(view)(READ)


def test_reading_page_may_read(db):
    def view(request):
        list(Region.objects.filter(name__contains="UPDATE x SET"))
        with connection.cursor() as cursor:
            cursor.execute("WITH x AS (SELECT code FROM organization_region) SELECT * FROM x")
        return HttpResponse()

    assert strict.read_only_pages(view)(READ).status_code == 200


@pytest.mark.parametrize(
    ("address", "link", "is_dead_end"),
    [
        (RETRY, '<a href="?after=x">', True),
        (RETRY, '<form class="filter-bar" method="get">', True),
        (RETRY, '<form action="/x/" method="get"><a href="/x/?after=x">', False),
        ("/account/absences/", '<a href="?after=x">', False),
    ],
)
def test_page_that_came_back_leads_to_what_can_be_read(address, link, is_dead_end):
    request = RequestFactory().post(address)
    request.resolver_match = resolve(address)
    answer = strict.pages_that_lead_on(lambda _: HttpResponse(link))
    with pytest.raises(strict.DeadEnd) if is_dead_end else contextlib.nullcontext():
        answer(request)


def test_writing_page_may_write(db):
    def view(request):
        Region.objects.filter(pk="none").update(name="无")
        return HttpResponse()

    assert strict.read_only_pages(view)(WRITE).status_code == 200


def test_stream_of_a_reading_page_cannot_write(db):
    def chunks():
        yield b"a"
        Region.objects.filter(pk="none").update(name="无")
        yield b"b"

    response = strict.read_only_pages(lambda request: StreamingHttpResponse(chunks()))(READ)

    with pytest.raises(strict.WriteBehindRead):
        list(response)


def test_query_count_is_pinned(db, assert_queries):
    with assert_queries(1):
        Region.objects.count()
    with pytest.raises(AssertionError, match="1 queries, 0 pinned"), assert_queries(0):
        Region.objects.count()


def test_clock_stands_still_until_moved(clock):
    assert house_clock.now() == NOW
    clock.forward(days=1, hours=2)
    assert house_clock.now() == datetime.fromisoformat("2026-09-25T12:00+08:00")


def everything(database: str) -> dict[str, object]:
    """Every row of every table, where every counter stands, and every trigger that is on, of a database of this server."""
    line = psycopg2.connect(**connection.get_connection_params() | {"dbname": database, "cursor_factory": None})
    with contextlib.closing(line), line.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found: dict[str, object] = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found[table] = sorted(row for (row,) in cursor.fetchall())
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        found["counters"] = cursor.fetchall()
        cursor.execute("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger ORDER BY 1, 2")
        found["triggers"] = cursor.fetchall()
        cursor.execute("SELECT conrelid::regclass::text, conname, convalidated FROM pg_constraint ORDER BY 1, 2")
        found["constraints"] = cursor.fetchall()
    return found


@pytest.mark.django_db(transaction=True)
class TestCommitting:
    """Tests that commit, one after the other in one clone: none sees what another left. Their order is that of this class."""

    bed: Bed

    @pytest.fixture(autouse=True)
    def _bed(self, django_db_setup):
        type(self).bed = django_db_setup

    def assert_as_new(self):
        new = self.bed._clone()
        try:
            assert everything(connection.settings_dict["NAME"]) == everything(new)
        finally:
            drop_database(self.bed._admin, new)

    def test_whatever_may_be_written(self):
        """Rows added, changed and gone, one that goes again at once, the record, what is frozen, a counter drawn for nothing."""
        clerk = cast.member("clerk")
        ReferralFactory(dispatched=True)
        next_version("MZ04")
        Region.objects.create(code="999999", name="无此县", level="county", valid_from="2021-01-01")
        Unit.objects.filter(pk=clerk.unit_id).update(name="换了名字")
        Parameter.objects.filter(pk__in=Parameter.objects.values("pk")[:2]).delete()
        Region.objects.create(code="999998", name="无此县", level="county", valid_from="2021-01-01").delete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('audit_event_id_seq')")
        assert Event.objects.exists()

    def test_is_taken_back(self):
        self.assert_as_new()

    def test_rows_alone_leave_the_clone_in_use(self):
        type(self).name = connection.settings_dict["NAME"]
        ReferralFactory(dispatched=True)
        Staff.objects.update(last_login=NOW)

    def test_the_same_clone_again_as_new(self):
        assert connection.settings_dict["NAME"] == self.name
        assert not Event.objects.filter(verb="referral.dispatched").exists()
        self.assert_as_new()

    def test_a_table_emptied(self):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE django_session")

    def test_is_another_clone(self):
        assert connection.settings_dict["NAME"] != self.name
        assert self.name not in self.bed._names()
        self.assert_as_new()

    @pytest.mark.django_db(transaction=False)
    def test_ordinary_test_is_back_in_the_process_clone(self):
        assert connection.settings_dict["NAME"] == self.bed.own
        assert not Region.objects.filter(pk="999999").exists()


def test_template_follows_what_shapes_it(tmp_path, monkeypatch):
    from tests import databases

    def write(path: str, text: str) -> str:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return fingerprint()

    monkeypatch.setattr(databases, "BASE_DIR", tmp_path)
    for path in ["tests/cast.py", "requirements/run.txt", "room/apps.py"]:
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).touch()
    first = write("room/models.py", "a = 1")

    assert write("room/views.py", "b = 1") == first
    assert write("room/templates/x.html", "c") == first
    assert write("room/models.py", "a = 2") != first
    second = write("room/migrations/0001_initial.py", "")
    assert write("room/migrations/0001_initial.py", "d = 1") != second
    third = write("fixtures/programs.csv", "code")
    assert write("fixtures/programs.csv", "code,name") != third
    (tmp_path / "intake").mkdir()
    (tmp_path / "intake/apps.py").touch()
    fourth = write("intake/models/visit.py", "")
    assert write("intake/transitions/visits.py", "e = 1") == fourth
    assert write("intake/models/visit.py", "e = 1") != fourth


def test_rooms_left_out_of_the_template_load_nothing():
    from config.reference import rooms_with
    from tests.databases import EMPTY_ROOMS

    assert not EMPTY_ROOMS & {room for room, _ in rooms_with("reference")}


def test_databases_of_a_dead_run_are_dropped(django_db_setup, django_db_blocker):
    """A run that was killed holds no lock on its name; the next one drops what it left, and nothing of the living."""
    from tests.databases import CHECKOUT

    bed, dead = django_db_setup, f"{CHECKOUT}_run_1_dead00_0"
    with django_db_blocker.unblock():
        bed._ask(f"CREATE DATABASE {dead} TEMPLATE template0")
        bed._sweep()

        assert dead not in bed._names()
        assert {bed.own, bed.template} <= set(bed._names())
