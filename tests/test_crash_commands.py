"""Commands, an upgrade and the first start die half-way: nothing half looks whole, and again works."""

import json
import os
import random
import shutil
import sqlite3
import stat
import threading
import time

import pytest

from harness.deaths import KILLED, dying_cli
from harness.product import REPOSITORY

FIRST_STARTS = int(os.environ.get("CRASH_KILLS", "10"))
SEED = int(os.environ.get("CRASH_SEED", "4"))

pytestmark = [pytest.mark.slow, pytest.mark.kills]


def stored_events(product):
    """What lies in the store of a product that does not run."""
    with sqlite3.connect(product.data / "flowcatalyst.db") as store:
        count = store.execute("select count(*) from events").fetchone()[0]
    store.close()
    return count


@pytest.fixture
def filled(make_product, event_type):
    """A product with 500 events of 8 KB, some steps of a copy; not running."""
    product = make_product().start()
    events = [{"type": event_type, "data": "x" * 8000, "deduplicationId": str(n)} for n in range(500)]
    product.publish_many(events)
    product.stop()
    return product


def version(store):
    with sqlite3.connect(store) as opened:
        found = opened.execute("pragma user_version").fetchone()[0]
    opened.close()
    return found


def backup_of(product, name):
    file = product.folder / name
    result = product.cli("backup", str(file))
    assert result.returncode == 0, result.stderr
    return file


@pytest.mark.parametrize("point", ["inside-copy", "before-backup"])
def test_a_backup_that_dies_leaves_no_backup(point, debug_build, filled, make_product):
    file = filled.folder / "a.backup"
    dying_cli(filled, point, 1, "backup", str(file))
    assert not file.exists()
    assert filled.cli("backup", str(file)).returncode == 0
    assert [path.name for path in filled.folder.glob("a.backup*")] == ["a.backup"]
    other = make_product()
    assert other.cli("restore", str(file)).returncode == 0
    assert stored_events(other) == 500


def test_backups_made_while_the_product_dies_are_whole(make_product, target, event_type):
    product = make_product().start()
    product.subscribe(target, event_type)
    product.publish_many([{"type": event_type, "data": "{}" + " " * 8000} for _ in range(500)])
    target.wait(500, timeout=60)
    dice = random.Random(SEED)
    made = []
    for kill in range(5):
        name = f"{kill}.backup"
        backup = threading.Thread(target=lambda name=name: made.append(backup_of(product, name)))
        backup.start()
        time.sleep(dice.uniform(0, 0.05))
        product.kill9()
        backup.join()
        product.verify()
        product.start()
    assert len(made) == 5
    for file in made:
        copy = make_product()
        result = copy.cli("restore", str(file))
        assert result.returncode == 0, result.stdout + result.stderr
        assert stored_events(copy) == 500


@pytest.mark.parametrize("point", ["inside-copy", "before-restore", "inside-secret"])
def test_a_restore_that_dies_leaves_a_whole_store_and_can_be_repeated(
    point, debug_build, filled, make_product, event_type
):
    backup = backup_of(filled, "a.backup")
    other = make_product().start()
    other.publish_many([{"type": event_type} for _ in range(7)])
    other.kill9()  # its events lie in the log only
    dying_cli(other, point, 1, "restore", "--force", str(backup))
    other.verify()
    assert stored_events(other) == (500 if point == "inside-secret" else 7)
    result = other.cli("restore", "--force", str(backup))
    assert result.returncode == 0, result.stderr
    assert stored_events(other) == 500
    assert (other.data / "app-key").read_text() == (filled.data / "app-key").read_text()
    assert not list(other.data.glob("*.part*"))
    other.start().verify()


def test_a_first_restore_that_dies_can_be_repeated_without_force(debug_build, filled, make_product):
    backup = backup_of(filled, "a.backup")
    other = make_product()
    dying_cli(other, "inside-copy", 1, "restore", str(backup))
    assert other.cli("restore", str(backup)).returncode == 0
    assert stored_events(other) == 500


def test_an_export_that_dies_leaves_what_was_there(debug_build, filled):
    file = filled.folder / "all.jsonl"
    file.write_text("earlier\n")
    dying_cli(filled, "inside-export", 250, "export", "--file", str(file))
    assert file.read_text() == "earlier\n"
    assert filled.cli("export", "--file", str(file)).returncode == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sum(line["kind"] == "event" for line in lines) == 500


def test_an_import_that_dies_is_finished_by_another(debug_build, filled, make_product):
    file = filled.folder / "all.jsonl"
    assert filled.cli("export", "--file", str(file)).returncode == 0
    other = make_product()
    for deaths in (1, 2):
        dying_cli(other, "inside-import", 1, "import", "--file", str(file))
        other.verify()
        assert stored_events(other) == 100 * deaths
    result = other.cli("import", "--file", str(file))
    assert result.returncode == 0, result.stderr
    assert stored_events(other) == 500
    again = other.cli("import", "--file", str(file))
    assert again.stdout.startswith("0 imported"), again.stdout
    other.verify()


def test_an_upgrade_that_dies_leaves_the_old_store(debug_build, make_product):
    product = make_product()
    product.data.mkdir()
    store = product.data / "flowcatalyst.db"
    shutil.copy(REPOSITORY / "tests" / "stores" / "v1.db", store)
    before = stored_events(product)
    for passages in (1, 2, 3):
        product.launch(FC_FAULT=f"inside-upgrade:{passages}")
        assert product.process.wait(20) == KILLED, product.log_tail()
        assert (version(store), stored_events(product)) == (1, before)
    empty = product.folder / "empty.jsonl"
    empty.touch()
    assert product.cli("import", "--file", str(empty)).returncode == 0
    assert version(store) > 1 and stored_events(product) == before > 0
    product.verify()


@pytest.mark.parametrize(
    "point, passages", [("inside-secret", 1), ("inside-secret", 2), ("inside-upgrade", 1)]
)
def test_a_first_start_that_dies_is_made_good_by_the_next(point, passages, debug_build, make_product):
    product = make_product()
    product.launch(FC_FAULT=f"{point}:{passages}")
    assert product.process.wait(20) == KILLED, product.log_tail()
    check_start(product)


@pytest.mark.timeout(60 + 2 * FIRST_STARTS)
def test_first_starts_killed_at_any_moment(make_product):
    dice = random.Random(SEED)
    for _ in range(FIRST_STARTS):
        product = make_product()
        product.launch()
        time.sleep(dice.uniform(0, 0.1))
        product.kill9()
        check_start(product)
        product.dispose()


def check_start(product):
    """It starts on what the one before it has left, and is nobody else's."""
    if product.data.exists():
        assert stat.S_IMODE(product.data.stat().st_mode) == 0o700
    product.start()
    assert len(product.token) == 64
    for name in ("app-key", "dev-token"):
        assert stat.S_IMODE((product.data / name).stat().st_mode) == 0o600
    product.publish("first.event")
    product.stop()
    product.verify()
