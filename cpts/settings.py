"""Django settings, read from the environment only (`cpts/env.py`, `.env.example`)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from cpts.env import Environment, Mode

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

_env = Environment()
MODE = _env.mode()
DEBUG = MODE is Mode.DEVELOPMENT
SECRET_KEY = _env.secret_key(MODE)
SECRET_KEY_FALLBACKS = _env.former_secret_keys()
DATA_DIR = _env.data_dir(BASE_DIR / "var")

SITE_URL = _env.site_url(MODE, default="http://127.0.0.1:8000")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = _env.allowed_hosts(SITE_URL)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Number of reverse proxies in front whose X-Forwarded-For may be believed.
TRUSTED_PROXIES = _env.whole("CPTS_TRUSTED_PROXIES", 0, least=0)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "cpts.apps.CollectedFilesConfig",
    "django_cotton.apps.SimpleAppConfig",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_include_bootstrap",
    "heroicons",
    "core.ui",
    "core.jobs",
    "core.audit",
    "core.territories",
    "core.organisations",
    "core.accounts",
    "core.documents",
    "core.notifications",
    "members",
    "aci",
    "funding",
    "cpts.apps.CptsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "cpts.middleware.private_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "cpts.middleware.bounded_body",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cpts.middleware.with_roles",
    "cpts.middleware.explained_method",
    "cpts.middleware.read_only_get",
]

ROOT_URLCONF = "cpts.urls"
WSGI_APPLICATION = "cpts.wsgi.application"

_LOADERS = [
    "core.ui.loaders.CompactLoader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # Django forgets the cache when a template changes, in development too.
            "loaders": [("django.template.loaders.cached.Loader", _LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "cpts.navigation.navigation",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "heroicons.templatetags.heroicons",
                "core.ui.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "core.ui.renderers.QuickRenderer"
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it is given, not what its page happens to hold

DATABASES = {"default": _env.database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": _env.cache(DATA_DIR / "cache")}

# --- Sign-in (docs/adr/0015-sign-in.md) ---------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
    }.items()
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# A working day. The cookie outlives the browser's window, not the night.
SESSION_COOKIE_AGE = 12 * 3600
# Links to choose a password: days enough for an invitation read after a weekend.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
ACCOUNT_ADAPTER = "core.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "core.accounts.forms.sign_in.SignInForm",
    "reauthenticate": "core.accounts.forms.sign_in.PasswordAgainForm",
    "reset_password": "core.accounts.forms.sign_in.LostPasswordForm",
    "reset_password_from_key": "core.accounts.forms.sign_in.ChosenPasswordForm",
    "change_password": "core.accounts.forms.sign_in.ChangedPasswordForm",
    "set_password": "core.accounts.forms.sign_in.FirstPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# The link that a person receives to choose a password is the proof of the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# allauth's own generator writes rows of addresses when a link is opened, which a GET may not do.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "reset_password": "20/h/ip,5/h/key"}
MFA_ADAPTER = "core.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "core.accounts.forms.second_factor.CodeForm",
    "reauthenticate": "core.accounts.forms.second_factor.CodeAgainForm",
    "activate_totp": "core.accounts.forms.second_factor.AppForm",
    "add_webauthn": "core.accounts.forms.second_factor.NewKeyForm",
    "edit_webauthn": "core.accounts.forms.second_factor.KeyNameForm",
    "authenticate_webauthn": "core.accounts.forms.second_factor.KeyForm",
    "reauthenticate_webauthn": "core.accounts.forms.second_factor.KeyAgainForm",
    "login_webauthn": "core.accounts.forms.second_factor.KeyAloneForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CPTS"
# A phone's clock may be half a minute late.
MFA_TOTP_TOLERANCE = 1
# Browsers hold http://localhost for safe, allauth does not.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE is not Mode.PRODUCTION

# EMAIL_BACKEND, EMAIL_HOST and their like.
vars().update(_env.email(DATA_DIR / "mail" if MODE is Mode.DEMONSTRATION else None))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _env.sender(SITE_URL)

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
# Amounts and counts are grouped by their filters; a number in an address or a form never is.
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["core.ui.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Forms have their own limits (10 MB at most) and say so: this one is for what no form should have to read.
LARGEST_BODY_IN_BYTES = 25 * 1024 * 1024

# --- Work in the background -------------------------------------------------------------------
# The job row in the database is the truth (core.jobs); the broker only rings the bell.
CELERY_BROKER_URL = _env.broker()
EMBEDDED_BROKER = CELERY_BROKER_URL.startswith("filesystem://")
JOB_TIME_LIMIT = timedelta(seconds=_env.whole("CPTS_JOB_TIME_LIMIT", 300))
JOB_SILENCE_LIMIT = timedelta(seconds=_env.whole("CPTS_JOB_SILENCE_LIMIT", 30))
# A queued job that no worker took is announced again after this long.
JOB_RING_AGAIN = timedelta(seconds=30)
ANONYMOUS_PDF_PER_HOUR = _env.whole("CPTS_ANONYMOUS_PDF_PER_HOUR", 10)
APPLICATIONS_PER_HOUR = _env.whole("CPTS_APPLICATIONS_PER_HOUR", 60)
# A worker or a scheduler silent for longer is reported dead by /healthz.
HEALTH_SILENCE_LIMIT = timedelta(seconds=_env.whole("CPTS_HEALTH_SILENCE_LIMIT", 60))
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# The soft limit lets the job say why it stopped; the hard one kills its process.
CELERY_TASK_SOFT_TIME_LIMIT = int(JOB_TIME_LIMIT.total_seconds())
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 30
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
if EMBEDDED_BROKER:
    _queue_dir = DATA_DIR / "broker"
    for _name in ("queue", "control"):
        (_queue_dir / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue_dir / "queue"),
        "data_folder_out": str(_queue_dir / "queue"),
        "control_folder": str(_queue_dir / "control"),
        "polling_interval": 0.2,
    }
    # Broadcasts to workers that were killed would pile up as files for ever.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 2 * CELERY_TASK_TIME_LIMIT,
        # With Redis down a request gives up ringing at once (kombu's default is 6 s): the sweep rings later.
        "socket_connect_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULER = "core.jobs.scheduler:SigningScheduler"
# Each of these is harmless when run twice or by two schedulers. `expires`: what no worker takes in time
# does not pile up for the day one comes back.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "jobs.sweep": {"task": "jobs.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "jobs.worker_sign_of_life": {
        "task": "jobs.worker_sign_of_life",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "jobs.purge": {"task": "jobs.purge", "schedule": 3600.0, "options": {"expires": 3600}},
    "documents.purge": {"task": "documents.purge", "schedule": 3600.0, "options": {"expires": 3600}},
    "notifications.send_mails": {
        "task": "notifications.send_mails",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    # Anniversaries come once a day, machines wake up at any hour.
    "funding.look_at_contracts": {
        "task": "funding.look_at_contracts",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "members.purge_imports": {
        "task": "members.purge_imports",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Reminders of fees, each once, and the e-mails that no job sent.
    "members.look_at_fees": {
        "task": "members.look_at_fees",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}

# --- Security ----------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
# Probes come from the same machine, without the reverse proxy's HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {
        # A 503 is what /healthz answers on purpose; its view logs the culprits.
        "not_unavailable": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", None) != 503,
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["not_unavailable"],
        }
    },
    "root": {"handlers": ["console"], "level": _env.log_level()},
    # Lines for each step of a PDF and each tick of the scheduler would drown the rest.
    "loggers": {
        name: {"level": "WARNING"}
        for name in (
            "celery.app.trace",
            "celery.beat",
            "celery.worker.strategy",
            "fontTools",
            "weasyprint.progress",
        )
    },
}
