"""A wrong or missing value stops the start with one sentence that names the variable, and never repeats a secret."""

import pytest

from config import keyfile
from config.environment import Environment, EnvironmentRefused


def refusal(env: Environment) -> str:
    with pytest.raises(EnvironmentRefused) as refused:
        env.finish()
    return str(refused.value)


@pytest.mark.parametrize(
    ("kind", "name", "text", "kwargs"),
    [
        ("int", "PORT", "abc", {}),
        ("int", "PORT", "70000", {"maximum": 65535}),
        ("int", "PORT", "-1", {}),
        ("int", "PORT", "٣", {}),
        ("bool", "DEBUG", "perhaps", {}),
        ("str", "PROFILE", "lax", {"choices": ("strict", "plain")}),
        ("folder", "MEDIA_ROOT", "media", {}),
        ("database", "DATABASE_URL", "sqlite:////tmp/x.db", {}),
        ("database", "DATABASE_URL", "mysql://a:b@c/d", {}),
        ("database", "DATABASE_URL", "postgres://host", {}),
        ("database", "DATABASE_URL", "postgres://host:port/name", {}),
        ("database", "DATABASE_URL", "nonsense", {}),
        ("broker", "CELERY_BROKER_URL", "amqp://host", {}),
        ("keys", "KEY_FILE", "/nowhere/keys.json", {}),
    ],
)
def test_a_wrong_value_is_refused_by_name(kind, name, text, kwargs):
    env = Environment({name: text})
    getattr(env, kind)(name, **kwargs)
    said = refusal(env)
    assert name in said
    assert "\n" not in said


@pytest.mark.parametrize("kind", ["str", "bool", "int", "list", "folder", "database", "broker", "keys"])
@pytest.mark.parametrize("values", [{}, {"WANTED": ""}, {"WANTED": "  "}])
def test_a_missing_value_is_refused_by_name(kind, values):
    env = Environment(values)
    getattr(env, kind)("WANTED")
    assert "WANTED 没有设置" in refusal(env)


def test_one_start_tells_everything_that_is_wrong():
    env = Environment({"PORT": "abc"})
    env.int("PORT")
    env.list("ALLOWED_HOSTS")
    said = refusal(env)
    assert "PORT" in said
    assert "ALLOWED_HOSTS" in said
    env.finish()  # what was said is not said again


def test_a_password_is_not_repeated():
    env = Environment({"DATABASE_URL": "mysql://u:topsecret@h/d", "CELERY_BROKER_URL": "amqp://u:topsecret@h"})
    env.database("DATABASE_URL")
    env.broker("CELERY_BROKER_URL")
    assert "topsecret" not in refusal(env)


def test_right_values_are_read_as_what_they_are():
    env = Environment({"PORT": "80", "DEBUG": "Yes", "HOSTS": "a, b,,", "OFF": "0"})
    assert env.int("PORT") == 80
    assert env.bool("DEBUG") is True
    assert env.bool("OFF") is False
    assert env.list("HOSTS") == ["a", "b"]
    assert env.str("ABSENT", default="x") == "x"
    env.finish()


def test_a_secret_may_come_as_a_file(tmp_path):
    (tmp_path / "url").write_text("postgres://u:p@h:5433/name\n")
    env = Environment({"DATABASE_URL_FILE": str(tmp_path / "url"), "OTHER_FILE": str(tmp_path / "absent")})
    found = env.database("DATABASE_URL")
    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("h", 5433, "name", "p")
    env.str("OTHER")
    assert "OTHER_FILE" in refusal(env)


def test_a_database_has_time_limits():
    found = Environment({"DATABASE_URL": "postgres:///x", "DB_STATEMENT_TIMEOUT": "30"}).database("DATABASE_URL")
    assert "statement_timeout=30000" in found["OPTIONS"]["options"]
    assert "lock_timeout=5000" in found["OPTIONS"]["options"]
    assert "temp_buffers=64MB" in found["OPTIONS"]["options"]
    assert found["OPTIONS"]["connect_timeout"] == 3


def test_a_socket_path_is_a_host():
    found = Environment({"DATABASE_URL": "postgres://role@:5432//run/some-folder/name"}).database("DATABASE_URL")
    assert (found["HOST"], found["NAME"], found["USER"], found["PORT"]) == ("/run/some-folder", "name", "role", 5432)


def test_keys_come_from_the_file(tmp_path):
    keyfile.create(tmp_path / "keys.json")
    env = Environment({"KEY_FILE": str(tmp_path / "keys.json")})
    assert env.keys("KEY_FILE") == keyfile.read(tmp_path / "keys.json")
    env.finish()
