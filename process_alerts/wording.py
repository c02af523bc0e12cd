"""What happened to the chosen alerts, in a sentence."""


def marked(number: int, mark: str) -> str:
    if not number:
        return f"Nothing changed: the chosen alerts were {mark} before."
    return f"{_alerts(number)} marked as {mark}."


def deleted(number: int, still_due: int) -> str:
    stays = (
        f"{_alerts(still_due)} {_is(still_due)} due and cannot be deleted before that is done."
        if still_due
        else ""
    )
    if not number:
        return stays or "Nothing was deleted: the chosen alerts are no longer in your inbox."
    return f"{_alerts(number)} deleted. {stays}".strip()


def _alerts(number: int) -> str:
    return "1 alert" if number == 1 else f"{number:,} alerts"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
