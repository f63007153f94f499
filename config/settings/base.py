"""Settings shared by every way of running. A wrong environment value stops the start with its name (see `config.environment`)."""

from pathlib import Path

from config.environment import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# ── what the county may rename ──────────────────────────────────────────────────────────────────────────────────────
SYSTEM_NAME = env.str("SYSTEM_NAME", default="忠县协同救助信息平台")
SYSTEM_MOTTO = env.str("SYSTEM_MOTTO", default="一门受理 · 协同办理")
COUNTY_CODE = env.str("COUNTY_CODE", default="500233")
IS_DEMO = False
DEMO_HOUSEHOLDS = env.int("DEMO_HOUSEHOLDS", default=2_000, minimum=1, maximum=20_000)

# What each way of running decides for itself: DATABASES, CELERY_BROKER_URL, ALLOWED_HOSTS, MEDIA_ROOT and the keys.
DEBUG = False
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=())

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "axes",
    "config",
    "audit",
    "organization",
    "deadlines",
    "documents",
    "spreadsheets",
    "programs",
    "households",
    "verification",
    "intake",
    "referrals",
    "monitoring",
]

MIDDLEWARE = [
    "config.request_id.RequestIdMiddleware",
    "config.middleware.ApiErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.KeptByNobodyMiddleware",
    "organization.middleware.SignInFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "audit.middleware.RequestFactsMiddleware",
    "organization.middleware.ActingPostMiddleware",
    "config.middleware.AddressOfAButtonMiddleware",
    "config.middleware.TransitionErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.context_processors.frame",
                "organization.context_processors.county",
                "deadlines.context_processors.bell",
            ],
        },
    },
]

# ── data ────────────────────────────────────────────────────────────────────────────────────────────────────────────
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
FORMAT_MODULE_PATH = ["config.formats"]

# ── who may come in ─────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "organization.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "organization:sign_in"
LOGIN_REDIRECT_URL = "organization:home"
LOGOUT_REDIRECT_URL = "organization:sign_in"
# The profile's figures are parameters (password_*): 等保 asks for composition and rotation, OWASP ASVS for length alone.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "organization.passwords.CompositionValidator"},
    {"NAME": "organization.passwords.NotTheNameValidator"},
    {"NAME": "organization.passwords.NotReusedValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Lock-out by (user, address), so that nobody locks a clerk out from elsewhere; a whole address only when it sprays.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = "organization.sign_in.failure_limit"
AXES_COOLOFF_TIME = "organization.sign_in.cool_off"
AXES_LOCKOUT_CALLABLE = "organization.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "config.addresses.client_address"
AXES_VERBOSE = False
TRUST_PROXY = env.bool("TRUST_PROXY", default=False)

SESSION_COOKIE_AGE = 24 * 3600  # an outer bound; idle and absolute limits are parameters (session_*)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": [_SELF],
    }
}

# ── protected fields: the class that holds the keys; FIELD_KEYS, FIELD_KEY_CURRENT and INDEX_KEY come from the key file ──
FIELD_KEY_PROVIDER = env.str("FIELD_KEY_PROVIDER", default="config.protection.keys.SoftwareKeyProvider")
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.protection.reports.SilentReporterFilter"

# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
FORM_RENDERER = "config.rendering.OfficeRenderer"

# ── background work: wake-ups only (DEPENDENCIES: no ETA, no results, prefetch 1, static beat) ─────────────────────────
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
# visibility_timeout stands above the hard limit, or a long task would run twice. The socket limits keep a page from hanging on a broker
# that has stopped answering; publishing is not tried again, since the fact is in the outbox and the next drain finds it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 30 * 60,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "max_retries": 1,  # of a publisher; a worker tries for ever
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # LOGGING below holds for workers too
CELERY_TIMEZONE = TIME_ZONE
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BEAT_SCHEDULER = "config.pulse:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# Static, in seconds. Every entry also runs once when beat starts, so every task here is idempotent. What comes round more seldom registers
# itself with `deadlines.periods`, and run-due does it.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "tick": {"task": "config.tasks.tick", "schedule": 15, "options": {"expires": 60}},
    "sweep": {"task": "deadlines.tasks.sweep", "schedule": 60, "options": {"expires": 60}},
    "drain-outbox": {"task": "deadlines.tasks.drain", "schedule": 20, "options": {"expires": 20}},
    "run-jobs": {"task": "deadlines.tasks.run_jobs", "schedule": 60, "options": {"expires": 60}},
    "run-due": {"task": "deadlines.tasks.run_due", "schedule": 60, "options": {"expires": 60}},
}

# ── texts to mobiles: the class that hands them to the county's gateway (deadlines.gateways); without one no text is ever written ──────
SMS_GATEWAY = env.str("SMS_GATEWAY", default="")
SMS_TIMEOUT = env.int("SMS_TIMEOUT", default=10, minimum=1, maximum=60)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 60,
    "EXCEPTION_HANDLER": "config.problems.handle",
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_RATES": {"user": f"{env.int('API_REQUESTS_PER_MINUTE', default=600, minimum=1, maximum=100_000)}/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": SYSTEM_NAME,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": False,  # each reads of what each may use: without sign-in the catalogue alone
    "GET_MOCK_REQUEST": "config.api.request_for_schema",
    "SWAGGER_UI_DIST": "SIDECAR",
    "DESCRIPTION": (
        "救助项目目录：只读，不需要登录。申请和转办：用网页登录的会话，所见与网页相同，写入须带 X-CSRFToken，"
        "可带 Idempotency-Key。错误按 RFC 9457 返回（application/problem+json）。"
    ),
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ProgramKindEnum": "programs.models.Program.Kind",
        "DepartmentKindEnum": "organization.models.Department.Kind",
        "LimitUnitEnum": "programs.models.track.LimitUnit",
        "PurposeEnum": "referrals.models.Referral.Purpose",
        "ReferralStatusEnum": "referrals.models.Referral.Status",
        "FactRequestStatusEnum": "households.models.FactRequest.Status",
        "ApplicationStatusEnum": "intake.models.Application.Status",
    },
}

# ── what is written down: one JSON object a line on standard error, see config.logs ─────────────────────────────────────
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stream"], "level": "INFO"},
    # Named so that Django's own handlers, one of which mails reports with request bodies, are off.
    "loggers": {
        "django": {"handlers": ["stream"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["stream"], "level": "INFO", "propagate": False},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
