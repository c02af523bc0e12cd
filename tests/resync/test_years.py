"""The previous and the next school year on the batch page, and the page that says which objects sync for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from dis_objects.actions import fill_catalogue
from dis_objects.models import DISObject
from districts.choices import Tool
from districts.models import District, Zone
from resync.choices import BatchStatus
from resync.flags import FlagChange
from resync.models import Batch
from resync.years import set_years_of_objects, year_rows
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text, row_markup, rows_of
from tests.resync.test_views_send import hidden_fields

pytestmark = pytest.mark.django_db

SET = ("Calendar", "ScheduleStructure", "Enrollment")


@pytest.fixture
def campus() -> District:
    """A district that syncs the previous year too, in which three objects are set to sync."""
    for end_year in (2023, 2024, 2025):
        SchoolYearFactory(end_year=end_year)
    DISObject.objects.filter(name__in=SET).update(syncs_previous_year=True)
    district = DistrictFactory(number="02", name="Campus")
    Zone.objects.filter(district=district).update(syncs_previous_year=True)
    return district


@pytest.fixture
def site(client: Client, campus: District) -> Client:
    client.force_login(UserFactory(district=campus))
    return client


def choose(client: Client, end_year: int) -> None:
    """What the field Year in the header does."""
    session = client.session
    session["toolbar_year"] = end_year
    session.save()


def selection(*objects: str, **others: object) -> dict[str, object]:
    return {"objects": list(objects), "check_dependencies": "on", **others}


class TestBatchPage:
    def test_lists_only_objects_of_a_year_that_are_set_to_sync_for_it(self, site: Client) -> None:
        choose(site, 2023)
        response = site.get("/batch/02/")
        text = page_text(response)
        assert "Resync Data For The Previous School Year (2022-2023)" in text
        assert list(rows_of(response)) == list(SET)
        assert (
            "All others are resynced in the current school year: choose 2023-2024 in the field Year." in text
        )

    def test_next_year(self, site: Client, campus: District) -> None:
        Zone.objects.update(syncs_next_year=True)
        DISObject.objects.filter(name="Calendar").update(syncs_next_year=True)
        choose(site, 2025)
        response = site.get("/batch/02/")
        assert "Resync Data For The Next School Year (2024-2025)" in page_text(response)
        assert list(rows_of(response)) == ["Calendar"]

    def test_current_year_lists_everything_and_explains_nothing(self, site: Client) -> None:
        response = site.get("/batch/02/")
        assert "Resync Data For The Current School Year (2023-2024)" in page_text(response)
        assert len(rows_of(response)) > 60
        assert "field Year" not in page_text(response)

    def test_a_year_that_the_zone_does_not_sync_is_not_shown(self, site: Client) -> None:
        choose(site, 2025)
        assert "The Current School Year (2023-2024)" in page_text(site.get("/batch/02/"))

    def test_the_results_are_those_of_the_year(self, site: Client, campus: District) -> None:
        earlier = BatchFactory(district=campus, school_year__end_year=2023)
        BatchObjectFactory(batch=earlier, object="Enrollment", processed=4_711)
        BatchObjectFactory(batch__district=campus, object="Calendar", processed=815)
        choose(site, 2023)
        rows = rows_of(site.get("/batch/02/"))
        assert "Processed: 4,711" in rows["Enrollment"]
        assert rows["Calendar"].endswith("Never resynced")

    def test_without_any_object_there_is_nothing_to_send_and_a_way_on(self, site: Client) -> None:
        DISObject.objects.update(syncs_previous_year=False)
        choose(site, 2023)
        response = site.get("/batch/02/")
        text = page_text(response)
        assert "No object is set to sync for the previous school year. The state sets this." in text
        assert "Send Resync" not in text
        assert "batch.js" not in response.content.decode()

    def test_the_state_is_shown_where_objects_are_set(self, client: Client, campus: District) -> None:
        DISObject.objects.update(syncs_previous_year=False)
        client.force_login(UserFactory(district=None, rights="", everywhere="R"))
        choose(client, 2023)
        assert 'href="/school-years/">School Year Settings' in client.get("/batch/02/").content.decode()


class TestSending:
    def test_what_is_chosen_in_another_year_is_sent_for_it(self, site: Client) -> None:
        choose(site, 2023)
        page = site.get("/batch/02/").content.decode()
        assert '<input type="hidden" name="school_year" value="2023">' in page
        confirmation = site.post("/batch/02/confirm/", selection("Enrollment", school_year=2023))
        assert "for the school year 2022-2023." in page_text(confirmation)
        sent = site.post("/batch/02/send/", hidden_fields(confirmation.content.decode()), follow=True)
        batch = Batch.objects.get()
        assert batch.school_year_id == 2023
        assert [each.object for each in batch.objects_in_order.order_by("place")] == list(SET)
        assert "The resync of 3 objects for the school year 2022-2023 is on its way." in page_text(sent)

    @pytest.mark.parametrize(("page_year", "header_year"), [(2024, 2023), (2023, 2024)])
    def test_another_tab_does_not_change_the_year_of_this_page(
        self, site: Client, page_year: int, header_year: int
    ) -> None:
        choose(site, page_year)
        form = selection("Enrollment", school_year=page_year)
        choose(site, header_year)
        confirmation = site.post("/batch/02/confirm/", form)
        choose(site, header_year)
        response = site.post("/batch/02/send/", hidden_fields(confirmation.content.decode()), follow=True)
        assert Batch.objects.get().school_year_id == page_year
        # and the page that follows shows what was sent
        assert "Resync in progress" in page_text(response)
        assert f"School Year ({page_year - 1}-{page_year})" in page_text(response)

    def test_a_form_without_a_year_means_the_zones_own(self, site: Client) -> None:
        choose(site, 2023)
        site.post("/batch/02/send/", selection("School"))
        assert Batch.objects.get().school_year_id == 2024

    @pytest.mark.parametrize("year", [2022, 2025, 1, -5, "x", 10**30])
    @pytest.mark.parametrize("address", ["/batch/02/confirm/", "/batch/02/send/"])
    def test_a_year_that_the_zone_does_not_sync_is_refused_with_a_sentence(
        self, site: Client, year: object, address: str
    ) -> None:
        response = site.post(address, selection("Enrollment", school_year=year), follow=True)
        assert "Load the page again, then choose the objects once more." in page_text(response)
        assert not Batch.objects.exists()

    def test_a_refusal_shows_the_page_of_the_same_year(self, site: Client) -> None:
        response = site.post("/batch/02/confirm/", selection("Enrollment", "School", school_year=2023))
        assert response.status_code == 422
        assert "School is not bound to a school year" in page_text(response)
        assert "The Previous School Year (2022-2023)" in page_text(response)
        assert " checked" in row_markup(response, "Enrollment")

    def test_a_zone_that_was_closed_to_the_year_meanwhile_sends_nothing(self, site: Client) -> None:
        Zone.objects.update(syncs_previous_year=False)
        response = site.post("/batch/02/send/", selection("Enrollment", school_year=2023), follow=True)
        assert "This district does not sync that school year." in page_text(response)
        assert not Batch.objects.exists()


def test_news_are_of_the_batchs_own_year(site: Client, campus: District) -> None:
    batch = BatchFactory(district=campus, school_year__end_year=2023, status=BatchStatus.RUNNING)
    BatchObjectFactory(batch=batch, object="Enrollment", status="running", total=10, processed=5)
    BatchObjectFactory(batch__district=campus, object="Enrollment", processed=4_711)
    response = site.get(f"/batch/02/live/{batch.pk}/")
    assert "Processed: 5" in rows_of(response)["Enrollment"]
    assert "4,711" not in page_text(response)


def test_the_database_refuses_another_year_for_an_object_of_no_year(campus: District) -> None:
    with (
        pytest.raises(IntegrityError, match="only_year_bound_objects_sync_other_years"),
        transaction.atomic(),
    ):
        DISObject.objects.filter(name="PersonIdentity").update(syncs_previous_year=True)
    with (
        pytest.raises(IntegrityError, match="only_year_bound_objects_sync_other_years"),
        transaction.atomic(),
    ):
        DISObject.objects.filter(name="School").update(syncs_next_year=True)


class TestSettings:
    @pytest.fixture
    def state(self, client: Client, campus: District) -> Client:
        client.force_login(UserFactory(district=None, rights="", everywhere="RW"))
        return client

    def test_lists_the_objects_of_a_school_year_that_somebody_here_may_send(self, state: Client) -> None:
        names = [row.name for row in year_rows()]
        assert {"Calendar", "Enrollment", "AttDayAggregation"} <= set(names)
        # of no year; of a state without a district here; never in a batch
        assert {"PersonIdentity", "TEDSKY", "DISVerificationResult"}.isdisjoint(names)
        assert names.index("Calendar") < names.index("ScheduleStructure") < names.index("Enrollment")

    def test_boxes_are_stored(self, state: Client) -> None:
        form: dict[str, Any] = {
            "shown": ["Calendar|syncs_previous_year", "Enrollment|syncs_previous_year", "Roster"],
            "syncs_previous_year": ["Enrollment", "Roster"],
            "syncs_next_year": ["Roster"],
        }
        response = state.post("/school-years/", form, follow=True)
        assert "Saved: 3 settings changed." in page_text(response)
        assert _set_for("syncs_previous_year") == {"Enrollment", "Roster", "ScheduleStructure"}
        assert _set_for("syncs_next_year") == {"Roster"}

    def test_what_somebody_else_set_meanwhile_stays(self, state: Client) -> None:
        state.post("/school-years/", {"shown": ["Calendar"], "syncs_next_year": ["Calendar"]})
        assert "Calendar" in _set_for("syncs_previous_year")

    def test_an_object_of_no_year_stays_out_of_it(self, state: Client) -> None:
        state.post("/school-years/", {"shown": ["School"], "syncs_next_year": ["School"]})
        assert _set_for("syncs_next_year") == set()

    def test_all_or_none_are_stored(self, campus: District) -> None:
        def changes() -> Iterator[FlagChange]:
            yield FlagChange("syncs_next_year", frozenset({"Roster"}), frozenset())
            raise KeyError

        with pytest.raises(KeyError):
            set_years_of_objects(changes=changes(), by=UserFactory())
        assert _set_for("syncs_next_year") == set()

    def test_a_parent_that_is_not_set_is_named(self, state: Client) -> None:
        DISObject.objects.filter(name="Calendar").update(syncs_previous_year=False)
        text = page_text(state.get("/school-years/"))
        assert "2 objects are set to sync for a year that a parent is not set for." in text
        lacking = {row.name: row.lacks for row in year_rows() if row.lacks}
        assert lacking == {
            "ScheduleStructure": {"syncs_previous_year": ["Calendar"]},
            "Enrollment": {"syncs_previous_year": ["Calendar"]},
        }

    def test_filter_without_a_script(self, state: Client) -> None:
        response = state.get("/school-years/?find=ENROL")
        assert len(response.context["table"].rows) == 1

    @pytest.mark.parametrize(
        ("of_state", "rights", "seen", "posted"),
        [
            (True, "", 403, 403),
            (True, "R", 200, 403),
            (True, "RW", 200, 302),
            (True, "W", 403, 403),
            (False, "RW", 403, 403),
        ],
    )
    def test_who_sees_and_who_sets(
        self, client: Client, campus: District, of_state: bool, rights: str, seen: int, posted: int
    ) -> None:
        user = UserFactory(district=None if of_state else campus)
        user.groups.add(GroupFactory(name=f"Zones {rights}", rights=rights, rights__tool=Tool.ZONES))
        client.force_login(user)
        form = {"shown": ["Roster"], "syncs_next_year": ["Roster"]}
        assert client.get("/school-years/").status_code == seen
        assert client.post("/school-years/", form).status_code == posted
        assert _set_for("syncs_next_year") == ({"Roster"} if posted == 302 else set())

    def test_a_viewer_gets_no_boxes(self, client: Client, campus: District) -> None:
        client.force_login(UserFactory(district=None, rights="", everywhere="R"))
        assert 'type="checkbox"' not in client.get("/school-years/").content.decode()


def _set_for(flag: str) -> set[str]:
    return set(DISObject.objects.filter(**{flag: True}).values_list("name", flat=True))


def test_settings_survive_the_next_migrate(campus: District) -> None:
    fill_catalogue()
    assert _set_for("syncs_previous_year") == set(SET)
