"""Backup and restore, export and import."""

import json
import sqlite3
import stat
import threading

import pytest

from harness.waiting import wait_until


def backup_of(product, name="copy.backup"):
    file = product.folder / name
    result = product.cli("backup", str(file))
    assert result.returncode == 0, result.stderr
    return file


def restored(make_product, backup, *options, **settings):
    product = make_product(**settings)
    result = product.cli("restore", str(backup), *options)
    assert result.returncode == 0, result.stdout + result.stderr
    return product


class Load:
    """Publishes until it is told to stop; remembers what was accepted."""

    def __init__(self, product, event_type):
        self.accepted = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._publish, args=(product, event_type))
        self._thread.start()

    def _publish(self, product, event_type):
        while not self._stop.is_set():
            events = [{"type": event_type, "data": "x", "messageGroup": str(n % 5)} for n in range(20)]
            self.accepted += [event["id"] for event in product.publish_many(events)]

    def stop(self):
        self._stop.set()
        self._thread.join()


def test_backup_under_load_is_consistent_and_goes_on(own_product, make_product, target, event_type):
    own_product.subscribe(target, event_type)
    load = Load(own_product, event_type)
    wait_until(lambda: len(load.accepted) > 100, why="some load")
    before = list(load.accepted)
    backup = backup_of(own_product)
    load.stop()
    own_product.verify()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    own_product.stop()
    copy = restored(make_product, backup)
    copy.verify()
    copy.start()
    for event in before[:50]:
        assert copy.api("GET", f"/api/events/{event}")[0] == 200, "accepted before the backup"
        [job] = copy.jobs(eventId=event)
        copy.wait_status(job["id"], "COMPLETED")
    wait_until(lambda: not copy.jobs(status="PENDING"), why="everything to be delivered")
    copy.verify()


def test_open_jobs_of_a_backup_are_delivered_after_it_is_restored(
    own_product, make_product, make_target, event_type
):
    target = make_target()
    subscription = own_product.subscribe(target, event_type)
    own_product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    own_product.publish_many([{"type": event_type, "data": str(n), "messageGroup": "g"} for n in range(30)])
    backup = backup_of(own_product)
    own_product.must("POST", f"/api/subscriptions/{subscription['id']}/resume")
    target.wait_accepted(30)
    own_product.stop()
    copy = restored(make_product, backup).start()
    copy.must("POST", f"/api/subscriptions/{subscription['id']}/resume")
    target.wait_accepted(60)
    expected = [str(n).encode() for n in range(30)]
    assert target.bodies() == expected + expected, "what was delivered after the backup comes again, in order"


def test_a_folder_gets_a_backup_named_after_its_time_with_the_key(own_product):
    folder = own_product.folder / "backups"
    folder.mkdir()
    assert own_product.cli("backup", str(folder)).returncode == 0
    [file] = folder.iterdir()
    assert file.name.startswith("flowcatalyst-2") and file.name.endswith("Z.backup")
    with sqlite3.connect(file) as connection:
        notes = dict(connection.execute("select name, value from backup"))
    connection.close()
    assert notes["app_key"] == (own_product.data / "app-key").read_text().strip()


def test_restore_keeps_the_key_and_asks_before_it_replaces(own_product, make_product):
    key = (own_product.data / "app-key").read_text()
    backup = backup_of(own_product)
    other = make_product().start()
    other.stop()
    refused = other.cli("restore", str(backup))
    assert refused.returncode == 1
    assert "--force" in refused.stderr and str(other.data) in refused.stderr
    assert (other.data / "app-key").read_text() != key
    assert other.cli("restore", str(backup), "--force").returncode == 0
    assert (other.data / "app-key").read_text() == key
    other.start()


def test_restore_into_a_data_directory_in_use_names_the_process(own_product):
    backup = backup_of(own_product)
    result = own_product.cli("restore", str(backup), "--force")
    assert result.returncode == 1
    assert str(own_product.process.pid) in result.stderr
    own_product.verify()


@pytest.mark.parametrize("content", [b"", b"no store at all\n" * 1000], ids=["empty", "text"])
def test_restore_of_what_is_no_backup_changes_nothing(make_product, content):
    product = make_product()
    file = product.folder / "bad.backup"
    file.write_bytes(content)
    result = product.cli("restore", str(file))
    assert result.returncode == 1
    assert str(file) in result.stderr
    assert [path.name for path in product.data.iterdir()] == ["lock"]


def test_restore_of_counts_that_do_not_add_up_changes_nothing(own_product, make_product, event_type):
    own_product.publish(event_type)
    backup = backup_of(own_product)
    with sqlite3.connect(backup) as connection:
        connection.execute("update tallies set value = value + 1 where counter = 'accepted'")
    connection.close()
    other = make_product()
    result = other.cli("restore", str(backup))
    assert result.returncode == 1
    assert "different" in result.stdout
    assert [path.name for path in other.data.iterdir()] == ["lock"]


def test_backup_does_not_overwrite(own_product):
    file = backup_of(own_product)
    result = own_product.cli("backup", str(file))
    assert result.returncode == 1
    assert str(file) in result.stderr


def test_backup_and_export_without_a_store_say_where_they_looked(make_product):
    product = make_product()
    for arguments in (["backup", "b"], ["export", "--file", "e"]):
        result = product.cli(*arguments)
        assert result.returncode == 1
        assert str(product.data) in result.stderr


def exported(product, *options):
    result = product.cli("export", "--file", "-", *options)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def imported(product, text):
    file = product.folder / "import.jsonl"
    file.write_text(text)
    return product.cli("import", "--file", str(file))


def text_of(lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_export_and_import_move_configuration_and_history(own_product, make_product, target, event_type):
    pool = own_product.pool(f"pool-{event_type}", concurrency=3)
    subscription = own_product.subscribe(
        target, event_type, dispatchPoolId=pool["id"], headers={"X-Key": "private"}
    )
    event = own_product.publish(event_type, {"a": [1, "ü\n"]}, deduplicationId="d", subject="s")
    raw = own_product.must("GET", f"/api/events/{event['id']}")
    target.wait_accepted(1)
    lines = exported(own_product, "--with-secrets")
    assert {line["kind"] for line in lines} >= {"dispatch_pools", "subscriptions", "event"}
    other = make_product().start()
    other.stop()
    result = imported(other, text_of(lines))
    assert result.returncode == 0, result.stderr
    other.verify()
    again = imported(other, text_of(lines))
    assert again.returncode == 0 and again.stdout.startswith("0 imported"), again.stdout
    other.start()
    copied = other.must("GET", f"/api/events/{event['id']}")
    for name in ("type", "source", "subject", "data", "time", "createdAt", "deduplicationId"):
        assert copied.get(name) == raw.get(name), name
    assert other.must("GET", f"/api/subscriptions/{subscription['id']}")["target"] == target.url()
    assert other.publish(event_type, deduplicationId="d")["duplicate"] is True
    other.publish(event_type, "new")
    target.wait_accepted(2)
    other.verify()


def test_export_shows_secrets_only_when_asked(own_product, target, event_type):
    secret = own_product.subscribe(target, event_type, headers={"X-Key": "private"})["signingSecret"]
    plain = text_of(exported(own_product))
    assert secret not in plain and "private" not in plain and own_product.token not in plain
    assert secret in text_of(exported(own_product, "--with-secrets"))


def test_import_names_the_line_of_a_fault_and_takes_the_others(own_product, make_product, event_type):
    own_product.publish(event_type)
    [event] = [line for line in exported(own_product) if line["kind"] == "event"]
    other = make_product()
    result = imported(other, text_of([event]) + "{\n" + '{"kind":"what","content":{}}\n{"kind":"event","content":{}}\n')
    assert result.returncode == 1
    for line in ("line 2", "line 3", "line 4"):
        assert line in result.stderr
    assert result.stdout.startswith("1 imported, 0 there already, 3 refused")
    other.verify()


def test_import_into_a_data_directory_in_use_names_the_process(own_product):
    result = imported(own_product, "")
    assert result.returncode == 1
    assert str(own_product.process.pid) in result.stderr


def test_backup_into_no_folder_and_restore_of_a_folder_are_explained(own_product, make_product):
    missing = own_product.folder / "no" / "such.backup"
    refused = own_product.cli("backup", str(missing))
    assert refused.returncode == 1
    assert f"there is no folder {missing.parent}" in refused.stderr
    other = make_product()
    refused = other.cli("restore", str(own_product.folder))
    assert refused.returncode == 1
    assert f"{own_product.folder} is a folder" in refused.stderr
