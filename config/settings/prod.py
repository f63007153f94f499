"""Production. Fails closed: a value that would weaken the house stops the start with its name (SECURITY D14)."""

from urllib.parse import urlsplit

from config.environment import env
from config.settings.base import *  # noqa: F403
from config.settings.base import CSRF_TRUSTED_ORIGINS, LOGGING, TRUST_PROXY

if env.bool("DEBUG", default=False):
    env.refuse("DEBUG", "在生产环境不能打开")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
if any("*" in host for host in ALLOWED_HOSTS):
    env.refuse("ALLOWED_HOSTS", "应逐个列出本系统的域名，不能用 *")
if any(urlsplit(origin).scheme != "https" for origin in CSRF_TRUSTED_ORIGINS):
    env.refuse("CSRF_TRUSTED_ORIGINS", "只能是 https:// 地址")

DATABASES = {"default": env.database("DATABASE_URL")}
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL")
if CELERY_BROKER_URL.startswith("memory:"):
    env.refuse("CELERY_BROKER_URL", "在生产环境不能是 memory://：工作进程收不到任何任务")
MEDIA_ROOT = env.folder("MEDIA_ROOT")
SMS_FOLDER = env.folder("SMS_FOLDER", default=MEDIA_ROOT / "sms")  # of the file gateway alone

_keys = env.keys("KEY_FILE")
SECRET_KEY = _keys.secret_key
FIELD_KEYS = _keys.field_keys
FIELD_KEY_CURRENT = _keys.current_field_key
INDEX_KEY = _keys.index_key

# nginx ends TLS and says so; without a proxy of ours nobody's word for it is taken.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, past nginx
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Preloading puts a public domain on the browsers' lists; a county's intranet name does not belong there.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING["handlers"]["stream"]["stream"] = "ext://sys.stdout"  # type: ignore[index]

env.finish()
