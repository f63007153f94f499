"""The demo and a developer's checkout: starts with no .env file; nothing here is fit for real data."""

from config.environment import env
from config.local import DEMO, keys, places, postgres, valkey
from config.settings.base import *  # noqa: F403

DEBUG = env.bool("DEBUG", default=False)
IS_DEMO = True
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=("*",))
MEDIA_ROOT = env.folder("MEDIA_ROOT", default=places.run_dir() / "media")
SMS_GATEWAY = env.str("SMS_GATEWAY", default="deadlines.gateways.FileGateway")
SMS_FOLDER = env.folder("SMS_FOLDER", default=places.run_dir() / "sms")

DATABASES = {"default": env.database("DATABASE_URL", default=postgres.database_url(DEMO))}
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", default=valkey.broker_url(DEMO))

_keys = keys.ensure()
SECRET_KEY = _keys.secret_key
FIELD_KEYS = _keys.field_keys
FIELD_KEY_CURRENT = _keys.current_field_key
INDEX_KEY = _keys.index_key

STATIC_ROOT = None  # nothing is collected: WhiteNoise serves what the finders find
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

env.finish()
