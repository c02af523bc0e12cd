"""Whose word on a visitor's address counts."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from config import environment
from config.wsgi import behind_proxies

CLAIMED = {"HTTP_X_FORWARDED_FOR": "198.51.100.9, 203.0.113.7", "HTTP_X_FORWARDED_PROTO": "https"}


def seen(address: str, trusted: list[str], settings: Settings) -> tuple[str, str]:
    """Address and scheme, as the application sees them."""
    settings.TRUSTED_PROXIES = trusted
    scope = {"REMOTE_ADDR": address, "wsgi.url_scheme": "http"} | CLAIMED
    behind_proxies(lambda scope, answer: [])(scope, None)  # type: ignore[arg-type]
    return scope["REMOTE_ADDR"], scope["wsgi.url_scheme"]


@pytest.mark.parametrize(
    ("address", "trusted", "expected"),
    [
        ("10.0.0.5", [], ("10.0.0.5", "http")),
        # What the visitor put before the proxy's own word is not believed.
        ("10.0.0.5", ["10.0.0.5"], ("203.0.113.7", "https")),
        ("10.0.0.5", ["10.0.0.0/8"], ("203.0.113.7", "https")),
        ("10.0.0.5", ["10.0.0.0/8", "203.0.113.0/24"], ("198.51.100.9", "https")),
        ("192.0.2.1", ["10.0.0.0/8"], ("192.0.2.1", "http")),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    address: str, trusted: list[str], expected: tuple[str, str], settings: Settings
) -> None:
    assert seen(address, trusted, settings) == expected


@pytest.mark.parametrize("value", ["*", "proxy.example", "10.0.0.5,nonsense", "10.0.0.5/8"])
def test_what_is_no_address_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTATE_TRUSTED_PROXIES", value)
    with pytest.raises(ImproperlyConfigured, match="UPSTATE_TRUSTED_PROXIES is not a list"):
        environment.networks("UPSTATE_TRUSTED_PROXIES")
