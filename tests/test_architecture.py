"""Rules of the house that no single test would notice being broken (CONTRIBUTING.md)."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import Queues, app

ROOT = Path(settings.BASE_DIR)
APPS = [name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()]
FRONT = {
    *("views", "page", "tasks", "urls", "forms", "tables", "management"),
    *("context_processors", "middleware", "checks", "apps"),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app_name in APPS:
        for path in sorted((ROOT / app_name).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                yield name.removesuffix(".__init__"), ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> Iterator[tuple[str, str]]:
    for name, tree in modules():
        for imported in imports(tree):
            if imported.split(".")[0] in APPS:
                yield name, imported


def layer(name: str) -> int:
    """3: what a request, a message or a terminal reaches; 2: what changes and reads; 1: the engine; 0: the ground."""
    app_name, *rest = name.split(".")
    # district_data/tables.py makes tables of a database, not of a page.
    if rest and rest[0] in FRONT and (app_name, rest[0]) != ("district_data", "tables"):
        return 3
    return {"dis_objects": 0, "districts": 0, "interchange": 1}.get(app_name, 2)


def test_imports_never_lead_to_a_higher_layer() -> None:
    back = [(name, imported) for name, imported in arrows() if layer(imported) > layer(name)]
    assert back == []


def test_apps_do_not_need_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for name, imported in arrows():
        importer, needed = name.split(".")[0], imported.split(".")[0]
        if importer != needed:
            graph.setdefault(importer, set()).add(needed)
    tuple(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize(
    ("place", "banned"),
    [
        ("dis_objects.hierarchy", ("django", "psycopg")),
        ("interchange", ("celery", "kombu", "django.http", "django.template", "django.shortcuts")),
        ("districts", ("dis_objects",)),
        ("resync.plan", ("celery", "django.http")),
    ],
)
def test_a_place_stays_free_of(place: str, banned: tuple[str, ...]) -> None:
    found = [
        (name, imported)
        for name, tree in modules()
        if name == place or name.startswith(f"{place}.")
        for imported in imports(tree)
        if any(imported == each or imported.startswith(f"{each}.") for each in banned)
    ]
    assert found == []


def test_no_module_is_named_for_holding_anything() -> None:
    assert [
        name for name, _ in modules() if name.rsplit(".", 1)[-1] in ("utils", "helpers", "common", "misc")
    ] == []


def test_every_task_is_sent_to_a_known_queue() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.split(".")[0] in APPS}
    assert ours
    assert ours == settings.CELERY_TASK_ROUTES.keys()
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} <= set(Queues)


def test_every_task_takes_ids_only() -> None:
    """A message lies in the broker as plain text: it may name a row, never a person."""
    app.loader.import_default_modules()
    taken = {
        parameter: annotation
        for name, task in app.tasks.items()
        if name.split(".")[0] in APPS
        for parameter, annotation in task.run.__annotations__.items()
        if parameter != "return"
    }
    assert {
        parameter: kind
        for parameter, kind in taken.items()
        if kind is not int or not parameter.endswith("_id")
    } == {}


def test_no_template_marks_data_as_safe() -> None:
    unsafe = [str(path) for path in (ROOT / "templates").rglob("*.html") if "|safe" in path.read_text()]
    called = [
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and getattr(node, "id", getattr(node, "attr", "")) == "mark_safe"
    ]
    assert unsafe + called == []
