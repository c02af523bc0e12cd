from typing import Any

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": (
            "The user name and the password do not belong together. Check both; capital letters count."
        ),
        "inactive": "This account is switched off. Ask your district system administrator.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "usa-input"
        self.fields["username"].label = "User name"
        self.fields["username"].widget.attrs |= {"autocorrect": "off", "spellcheck": "false"}
