"""The accuracy over time as a small line chart, drawn on the server: shapes without a style of their own
(static/upstate.css), and a sentence for who does not see them.

All charts share one scale, 90 to 100 percent, so that rows can be compared; what is lower stands at its lower edge.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_LOWEST, _HIGHEST = Decimal(90), Decimal(100)
# In the units of the view box: 96 by 24.
_LEFT, _RIGHT, _TOP, _BOTTOM = 3.0, 93.0, 2.0, 22.0


def sparkline(subject: str, accuracies: Sequence[Decimal]) -> SafeString:
    """Empty for nothing to draw. Accuracies in percent, oldest first."""
    if not accuracies:
        return SafeString("")
    points = places(accuracies)
    line = format_html_join(" ", "{},{}", [(f"{x:.1f}", f"{y:.1f}") for x, y in points])
    (x, y) = points[-1]
    return format_html(
        '<svg class="spark" viewBox="0 0 96 24" role="img" aria-label="{}"><line x1="0" y1="23" x2="96" y2="23"/>'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        sentence(subject, accuracies),
        line,
        f"{x:.1f}",
        f"{y:.1f}",
    )


def places(accuracies: Sequence[Decimal]) -> list[tuple[float, float]]:
    """Where each accuracy stands; a single one stands at the right, where the latest always is."""
    step = (_RIGHT - _LEFT) / (len(accuracies) - 1) if len(accuracies) > 1 else 0.0
    first = _RIGHT - step * (len(accuracies) - 1)
    return [(first + step * place, _height(accuracy)) for place, accuracy in enumerate(accuracies)]


def _height(accuracy: Decimal) -> float:
    share = (min(_HIGHEST, max(_LOWEST, accuracy)) - _LOWEST) / (_HIGHEST - _LOWEST)
    return _BOTTOM - float(share) * (_BOTTOM - _TOP)


def sentence(subject: str, accuracies: Sequence[Decimal]) -> str:
    if len(accuracies) == 1:
        return f"{subject}, accuracy of the only verification: {accuracies[0]}%"
    first, last, lowest = accuracies[0], accuracies[-1], min(accuracies)
    told = f"{subject}, accuracy over the last {len(accuracies)} verifications: from {first}% to {last}%"
    return told if lowest in (first, last) else f"{told}, lowest {lowest}%"
