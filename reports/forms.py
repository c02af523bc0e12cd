from django import forms

from reports.choices import ReportFormat


class ReportForm(forms.Form):
    """The format in which a report is asked for (templates/reports/_generate.html)."""

    report_format = forms.ChoiceField(choices=ReportFormat.choices)

    @property
    def chosen(self) -> ReportFormat:
        return ReportFormat(self.cleaned_data["report_format"])
