import factory
from factory.django import DjangoModelFactory

from process_alerts.choices import Process
from process_alerts.models import AlertRecipient, ProcessAlert
from tests.factories.user import UserFactory


class ProcessAlertFactory(DjangoModelFactory):
    """An alert that nobody got."""

    class Meta:
        model = ProcessAlert

    key = factory.Sequence(lambda n: f"alert {n + 1}")
    process = Process.VERTICAL_INTEROPERABILITY
    name = "State Resync Requested"
    text = "The state asked this district to send data."
    url = "/batch/"


class AlertRecipientFactory(DjangoModelFactory):
    """An unread alert in somebody's inbox: of the district that the user belongs to."""

    class Meta:
        model = AlertRecipient

    user = factory.SubFactory(UserFactory)
    alert = factory.SubFactory(ProcessAlertFactory, district=factory.SelfAttribute("..user.district"))
