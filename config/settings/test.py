"""Settings of the test bed: as the demo, made strict (see tests/strict.py), with keys and a PostgreSQL of its own."""

from config.environment import env
from config.local import TEST, places, postgres
from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, MIDDLEWARE, TEMPLATES
from tests.strict import RefuseUnknown

IS_DEMO = True
ALLOWED_HOSTS = ["*"]
MEDIA_ROOT = places.run_dir() / "test-media"
SMS_GATEWAY = ""  # a test that sends texts names its own
SMS_FOLDER = places.run_dir() / "test-sms"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # else every test client begins by reading all static files

SECRET_KEY = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM"  # noqa: S105
FIELD_KEYS = {"test-1": "fCx7/5EEW5XYdi6l6DEi8a5/rAYpNKPVMCt0OLcv4QE=", "test-2": "mPtH+9WJW4dC1+gMDlO4zYNOxpbVAis3QJJrZ/xFOZk="}
FIELD_KEY_CURRENT = "test-2"
INDEX_KEY = "GCGqcJBQSgrl+Sd3oB8LW4kY09oJ9JvwA6gJOUwIHlg="

DATABASES = {"default": env.database("DATABASE_URL", default=postgres.database_url(TEST))}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # a live server's threads let go of a test's database when it ends
# Pages join up to thirty tables, and over tables of a few rows PostgreSQL spends three quarters of its time on weighing orders of joins.
_options = DATABASES["default"].setdefault("OPTIONS", {})
_options["options"] = f"{_options.get('options', '')} -c join_collapse_limit=4"

INSTALLED_APPS = [*INSTALLED_APPS, "tests.protection_app"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"

MIDDLEWARE = [*MIDDLEWARE, "tests.strict.pages_that_lead_on", "tests.strict.read_only_pages"]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = RefuseUnknown("%s")  # type: ignore[index]

env.finish()
