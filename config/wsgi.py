import os

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def behind_proxies(inner: WSGIHandler) -> WSGIHandler:
    """With the address and the scheme that the trusted proxies tell: throttling and the audit log need the person's
    address. Nobody else is believed, or a guesser would have a new address for every attempt."""
    trusted = settings.TRUSTED_PROXIES
    return wrap_wsgi_with_proxy_headers(inner, trusted) if trusted else inner


application = behind_proxies(get_wsgi_application())
