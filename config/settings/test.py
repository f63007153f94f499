"""Settings of the test bed: as the demo, made strict (see tests/strict.py)."""

from config.settings.dev import *  # noqa: F403
from config.settings.dev import DATABASES, INSTALLED_APPS, MIDDLEWARE, TEMPLATES
from tests.strict import RefuseUnknown

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"

MIDDLEWARE = [*MIDDLEWARE, "tests.strict.read_only_pages"]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = RefuseUnknown("%s")  # type: ignore[index]
DATABASES["default"]["CONN_MAX_AGE"] = 0  # a live server's threads let go of a test's database when it ends
INSTALLED_APPS = [*INSTALLED_APPS, "tests.protection_app"]

FIELD_KEYS = {"test-1": "fCx7/5EEW5XYdi6l6DEi8a5/rAYpNKPVMCt0OLcv4QE=", "test-2": "mPtH+9WJW4dC1+gMDlO4zYNOxpbVAis3QJJrZ/xFOZk="}
FIELD_KEY_CURRENT = "test-2"
INDEX_KEY = "GCGqcJBQSgrl+Sd3oB8LW4kY09oJ9JvwA6gJOUwIHlg="
