"""The demo and a developer's checkout: starts with no .env file; nothing here is fit for real data."""

from config.environment import env

env.ENVIRON.setdefault("SECRET_KEY", "demo-only-secret-key-not-for-real-data-0123456789abcdef")

from config.settings.base import *  # noqa: E402, F403

DEBUG = env.bool("DEBUG", default=False)
IS_DEMO = True
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
STATIC_ROOT = None  # nothing is collected: WhiteNoise serves what the finders find
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

FIELD_KEYS = {"demo": "MoPWPjMwpr744sCO3XMYIk5CTgkXBEGEP1CrTk0Yuuo="}
FIELD_KEY_CURRENT = "demo"
INDEX_KEY = "H05VaposRJ84l/rdQ8Ht0xDx/FlJB4a/AS8xL8aQ4To="
