from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab, schedule
from csp.constants import NONE, SELF

from config import environment
from config.celery import Queues

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.folder("UPSTATE_DATA", BASE_DIR / "var")

DEBUG = environment.boolean("UPSTATE_DEBUG")
# The demo has accounts with a published password. Everything that depends on it refuses to work elsewhere.
DEMO = environment.boolean("UPSTATE_DEMO")
SECRET_KEY = environment.text("SECRET_KEY")
ALLOWED_HOSTS = environment.words("UPSTATE_ALLOWED_HOSTS", "127.0.0.1,localhost")
# Over plain HTTP on the loopback interface (the demo, the tests) secure cookies would lock everybody out.
HTTPS = environment.boolean("UPSTATE_HTTPS", default=not DEMO)

INSTALLED_APPS = [
    "districts",
    "dis_objects",
    "interchange",
    "process_alerts",
    "audit",
    "reports",
    "resync",
    "agents",
    "attendance",
    "selective_sync",
    "verification",
    "district_data",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_tables2",
    "django_htmx",
    "django_celery_beat",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "audit.middleware.AuditAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "districts.middleware.SignInLimitsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "districts.middleware.NoStoreMiddleware",
    "districts.middleware.DistrictTimeZoneMiddleware",
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
                "districts.context_processors.frame",
                "process_alerts.context_processors.unread",
            ],
        },
    }
]

DATABASES = {
    "default": environment.database("DATABASE_URL")
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "TEST": {"TEMPLATE": "template0"}}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Written into the session of every worker that pushes: PostgreSQL then frees the row of a frozen worker.
IDLE_IN_TRANSACTION_TIMEOUT = "90s"
CHUNK_STATEMENT_TIMEOUT = "300s"

AUTH_USER_MODEL = "districts.User"
AUTHENTICATION_BACKENDS = [
    # Refuses before a password is looked at, so that it stands first.
    "axes.backends.AxesStandaloneBackend",
    "districts.authentication.DemoAwareBackend",
]
# A name is locked for the address that guessed, so that nobody can lock somebody else out.
AXES_FAILURE_LIMIT = 10
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
# Who tries again too early does not begin the wait anew.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "districts.views.signing.locked"
# Sign-ins are in the audit log.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("uswds", BASE_DIR / "node_modules" / "@uswds" / "uswds" / "dist")]
WHITENOISE_USE_FINDERS = True

# Addresses and networks of the reverse proxies whose word on a visitor's address and scheme counts.
TRUSTED_PROXIES = environment.networks("UPSTATE_TRUSTED_PROXIES")
SIGN_IN_IDLE = timedelta(minutes=environment.whole_number("UPSTATE_SIGN_IN_IDLE_MINUTES", 30))
SIGN_IN_AT_MOST = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SIGN_IN_AT_MOST.total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# A monitor asks inside, where there is no TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The state ticks any number of districts in one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# A form with 100,000 IDs, and a file of them: in bytes. A file of that size is not spooled to a disk on its way.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
# USWDS draws form icons from data: addresses; nothing else leaves our own origin.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

CELERY_BROKER_URL = environment.text("BROKER_URL")
CELERY_TASK_ROUTES = {
    "attendance.tasks.run_aggregation": {"queue": Queues.ATTENDANCE},
    "attendance.tasks.start_nightly_aggregations": {"queue": Queues.SWEEP},
    "attendance.tasks.plan_weekly_resync": {"queue": Queues.SWEEP},
    "attendance.tasks.sweep": {"queue": Queues.SWEEP},
    "reports.tasks.render_report": {"queue": Queues.REPORTS},
    "reports.tasks.sweep": {"queue": Queues.SWEEP},
    "selective_sync.tasks.push_next_keys": {"queue": Queues.INTERACTIVE},
    "selective_sync.tasks.sweep": {"queue": Queues.SWEEP},
    "resync.tasks.push_next_chunk": {"queue": Queues.BATCH},
    "resync.tasks.sweep": {"queue": Queues.SWEEP},
    "verification.tasks.compare_next_chunk": {"queue": Queues.VERIFICATION},
    "verification.tasks.remove_from_state": {"queue": Queues.VERIFICATION},
    "verification.tasks.start_nightly_verifications": {"queue": Queues.SWEEP},
    "verification.tasks.sweep": {"queue": Queues.SWEEP},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# PostgreSQL is the truth and the sweep finds what was lost; late acknowledgement on Redis only adds copies.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 360
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 15,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 15,
}
# The state sets the time of the weekly resync on a page, so the schedule is in the database.
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# No results are kept, so beat has none to clean up.
CELERY_RESULT_EXPIRES = None
# How often beat looks for work that a lost message left behind, in seconds.
_SWEEP_SECONDS = environment.whole_number("UPSTATE_SWEEP_SECONDS", 15)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "resync.tasks.sweep",
        "schedule": schedule(_SWEEP_SECONDS),
        "options": {"expire_seconds": _SWEEP_SECONDS},
    },
    "attendance sweep": {
        "task": "attendance.tasks.sweep",
        "schedule": schedule(_SWEEP_SECONDS),
        "options": {"expire_seconds": _SWEEP_SECONDS},
    },
    "reports sweep": {
        "task": "reports.tasks.sweep",
        "schedule": schedule(_SWEEP_SECONDS),
        "options": {"expire_seconds": _SWEEP_SECONDS},
    },
    "selective sync sweep": {
        "task": "selective_sync.tasks.sweep",
        "schedule": schedule(_SWEEP_SECONDS),
        "options": {"expire_seconds": _SWEEP_SECONDS},
    },
    "verification sweep": {
        "task": "verification.tasks.sweep",
        "schedule": schedule(_SWEEP_SECONDS),
        "options": {"expire_seconds": _SWEEP_SECONDS},
    },
    # Every hour, because it is night somewhere else then.
    "nightly aggregations": {
        "task": "attendance.tasks.start_nightly_aggregations",
        "schedule": crontab(minute=5),
        "options": {"expire_seconds": 1800},
    },
    "nightly verifications": {
        "task": "verification.tasks.start_nightly_verifications",
        "schedule": crontab(minute=10),
        "options": {"expire_seconds": 1800},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Celery's two lines for every chunk say less than our one.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace")},
    "root": {"handlers": ["console"], "level": environment.text("UPSTATE_LOG_LEVEL", "INFO")},
}

# The hour, in each district's own time, from which the attendance of the day before is added up.
NIGHTLY_AGGREGATION_HOUR = environment.whole_number("UPSTATE_NIGHTLY_HOUR", 2)

# How long a chunk should take: it sizes itself. The longer, the less is paid for beginnings; the shorter, the sooner
# progress shows and a worker can be stopped.
CHUNK_SECONDS = environment.whole_number("UPSTATE_CHUNK_SECONDS", 1)
# The most records of a chunk, however fast they go.
CHUNK_RECORDS = environment.whole_number("UPSTATE_CHUNK_RECORDS", 2_000_000)
# How many IDs of a selective sync are pushed in one go; smaller than a chunk, because somebody watches it.
SYNC_KEYS = environment.whole_number("UPSTATE_SYNC_KEYS", 5_000)
# For how long a web process answers open pages from what it has read of a batch, in seconds.
LIVE_SECONDS = 1
# How many objects of one district are pushed side by side; it spares the district's database.
CHUNKS_PER_DISTRICT = environment.whole_number("UPSTATE_CHUNKS_PER_DISTRICT", 2)
# For how many days a full resync counts as the mandatory one of a school year's end, and how many days a district has
# for the one of its start.
ZONE_RESYNC_DAYS = environment.whole_number("UPSTATE_ZONE_RESYNC_DAYS", 14)
# For how many hours a report that is ready can be downloaded. Then it is removed.
REPORT_HOURS = environment.whole_number("UPSTATE_REPORT_HOURS", 24)
