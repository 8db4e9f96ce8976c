"""
The disk is full, slow, read-only or fails while the product works, and the linked broker's directory goes away: what cannot
be stored is answered 503, what was accepted is delivered once and in order, and all goes on by itself.
"""

import contextlib
import shutil
import subprocess
import time

import pytest

from harness import load
from harness import product as product_module
from harness.deaths import debug_binary
from harness.load import CONCURRENCY
from harness.target import Answer
from harness.waiting import wait_until

pytestmark = pytest.mark.slow


class Disk:
    """What a debug build's disk does, from now on (src/store/embedded/fault_vfs.h)."""

    def __init__(self, product):
        self.control = product.folder / "disk-fault"
        self.control.touch()
        product.settings["FC_DISK_FAULT"] = str(self.control)

    def does(self, fault):
        new = self.control.with_suffix(".new")
        new.write_text(fault)
        new.rename(self.control)


class Scene(load.Scene):
    """Publishers that ask again until they are accepted, at work already."""

    def __init__(self, product, target, event_type):
        super().__init__(product, target, event_type, batches=(1, 1, 10), pause=0.02)
        self.publish()
        self.wait_for_progress()

    @property
    def refused(self):
        return [reply for publisher in self.publishers for reply in list(publisher.refused)]

    def wait_for_progress(self):
        before = len(self.target.accepted)
        wait_until(lambda: len(self.target.accepted) > before + 100, 30, "deliveries")

    def wait_refused(self, *codes):
        """Every write is answered 503 with Retry-After, and health says why; new deliveries wait."""
        wait_until(lambda: all(each.refused for each in self.publishers), 60, "every publisher to be refused")
        for reply in self.refused:
            assert (reply.status, reply.headers["content-type"]) == (503, "application/problem+json")
            assert int(reply.headers["retry-after"]) > 0
            assert reply.json["error"] in codes, reply.body
        ready = wait_until(lambda: self.down("Store"), 5, "health to say that the store is down")
        assert ready["data"]["error"] in codes
        assert self.metric("store_writable") == 0
        reply = self.product.call("POST", "/api/dispatch-pools", {"code": "other", "name": "other"})
        assert (reply.status, reply.json["error"] in codes) == (503, True), reply.body

    def assert_nothing_is_sent(self):
        """Once what was in flight has ended."""
        wait_until(lambda: self.target.in_flight == 0, 10, "the end of what is in flight")
        time.sleep(0.5)
        sent = len(self.target.deliveries)
        time.sleep(2)
        assert len(self.target.deliveries) == sent

    def down(self, check):
        reply = self.product.call("GET", "/q/health/ready", token=None)
        named = [each for each in reply.json["checks"] if each["name"] == check]
        return named[0] if (reply.status, named[0]["status"]) == (503, "DOWN") else None

    def metric(self, name):
        lines = self.product.call("GET", "/metrics", token=None).body.decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(f"flowcatalyst_{name} ")))

    def end(self):
        """Publishing ends, everything arrives once, and all who know of it agree."""
        self.wait_for_progress()
        self.stop_publishing()
        self.assert_all_arrive()
        # What was refused was not stored: accepted later, it was new.
        assert not [each.duplicates for each in self.publishers if each.duplicates]
        assert self.metric("store_writable") == 1
        self.product.stop()
        self.product.verify()


def log_lines(product, text):
    return [line for line in product.log_tail(100_000).splitlines() if text in line]


def assert_said_once(product):
    """A line a change, none a request; a disk that fills up may change its mind."""
    down = log_lines(product, "the store takes no writes")
    again = log_lines(product, "the store takes writes again")
    assert 1 <= len(down) == len(again) <= 5
    assert not log_lines(product, "request failed")


@pytest.fixture
def debug_build(monkeypatch):
    monkeypatch.setattr(product_module, "BINARY", debug_binary())


@pytest.fixture
def disk_scene(debug_build, make_product, make_target, event_type):
    product = make_product()
    disk = Disk(product)
    # Slow enough that something is always in flight, and more of it waits.
    target = make_target(choose=lambda _: Answer(delay=0.03))
    return disk, Scene(product, target, event_type)


FAULTS = {
    "full": "STORE_FULL",
    "readonly": "STORE_UNAVAILABLE",
    "error write": "STORE_UNAVAILABLE",
    "error sync": "STORE_UNAVAILABLE",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_stored_is_refused_until_it_can(disk_scene, fault):
    disk, scene = disk_scene
    for _ in range(2):
        disk.does(fault)
        scene.wait_refused(FAULTS[fault])
        scene.assert_nothing_is_sent()
        disk.does("")
        scene.wait_for_progress()
        for publisher in scene.publishers:
            publisher.refused.clear()
    assert_said_once(scene.product)
    scene.end()


def test_slow_disk_refuses_nothing(disk_scene):
    disk, scene = disk_scene
    disk.does("slow 50")
    scene.wait_for_progress()
    assert not scene.refused
    disk.does("")
    scene.end()


def test_stop_under_a_failing_disk_is_quick_and_says_what_was_not_stored(disk_scene):
    disk, scene = disk_scene
    disk.does("error write")
    scene.wait_refused("STORE_UNAVAILABLE")
    started = time.monotonic()
    scene.product.stop()
    assert time.monotonic() - started < 6
    refused_outcomes = log_lines(scene.product, "outcomes of deliveries wait for the store")
    lost = log_lines(scene.product, "could not be stored are made again after the next start")
    assert len(refused_outcomes) == len(lost) == 1
    disk.does("")
    scene.product.start()
    scene.wait_for_progress()
    scene.stop_publishing()
    # A delivery had ended and another begun before the first was refused.
    scene.assert_all_arrive(repeats_max=4 * CONCURRENCY)
    scene.product.stop()


def test_refused_commit_is_not_found_by_the_next_start(debug_build, make_product, event_type):
    product = make_product()
    disk = Disk(product)
    product.start()
    disk.does("error sync")
    event = {"type": event_type, "source": "test", "data": "{}"}
    assert product.call("POST", "/api/events", event).status == 503
    product.kill9()
    disk.does("")
    product.start()
    assert product.must("GET", f"/api/bff/events?types={event_type}")["items"] == []
    product.verify()


def test_read_that_fails_is_answered_503(disk_scene, event_type):
    disk, scene = disk_scene
    disk.does("error read")
    list_events = lambda: scene.product.call("GET", f"/api/bff/events?types={event_type}")  # noqa: E731
    reply = wait_until(lambda: next(filter(lambda r: r.status != 200, [list_events()]), None))
    assert (reply.status, reply.json["error"]) == (503, "STORE_UNAVAILABLE"), reply.body
    assert int(reply.headers["retry-after"]) > 0
    disk.does("")
    wait_until(lambda: list_events().status == 200)
    assert not log_lines(scene.product, "request failed")
    scene.end()


@pytest.mark.parametrize("fault", ["full", "error write"])
def test_failing_search_index_costs_no_event(disk_scene, fault):
    disk, scene = disk_scene
    disk.does(f"search {fault}")
    failed = "the search index cannot be written"
    wait_until(lambda: log_lines(scene.product, failed), 30, "the index to fail")
    scene.wait_for_progress()
    assert not scene.refused
    disk.does("")
    scene.end()
    scene.product.start()
    ids = scene.publishers[0].ids
    assert len(scene.product.jobs(eventId=ids[max(ids)])) == 1


def mounted(place, options):
    return subprocess.run(["mount", *options, str(place)], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(make_product):
    """A product whose data lies on a disk of its own of 32 MB; None where nothing can be mounted."""
    product = make_product()
    place = product.folder / "disk"
    place.mkdir()
    if not mounted(place, ["-t", "tmpfs", "-o", "size=32m", "none"]):
        yield None
        return
    product.data = place / "data"
    yield product
    if product.is_running():
        product.kill9()
    subprocess.run(["umount", str(place)], check=True)


def fill(folder):
    """All that is left of the disk."""
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


def test_full_disk_refuses_until_there_is_room_again(small_disk, make_target, event_type):
    if small_disk is None:  # the same by the test build's own faults: test_what_cannot_be_stored_...
        return
    scene = Scene(small_disk, make_target(), event_type)
    fill(small_disk.data.parent)
    scene.wait_refused("STORE_FULL")
    (small_disk.data.parent / "filler").unlink()
    wait_until(lambda: log_lines(small_disk, "the store takes writes again"), 10, "the store to go on")
    assert_said_once(small_disk)
    scene.end()


def test_start_on_a_disk_that_cannot_be_written_says_so(small_disk):
    if small_disk is None:
        return

    def assert_refused(why):
        refused = small_disk.cli(timeout=20)
        assert refused.returncode == 1, refused.stderr
        assert why in refused.stderr and str(small_disk.data) in refused.stderr

    place = small_disk.data.parent
    fill(place)
    assert_refused("No space left on device")
    (place / "filler").unlink()
    small_disk.start()
    small_disk.stop()
    assert mounted(place, ["-o", "remount,ro"])
    assert_refused("Read-only file system")
    assert mounted(place, ["-o", "remount,rw"])
    small_disk.start()
    small_disk.stop()


# ---- the broker's directory


def nats_directory(product):
    return product.data / "nats"


@pytest.mark.parametrize("handover", ["memory", "queue"])
@pytest.mark.parametrize("when", ["down", "up"])
def test_broker_directory_deleted(make_product, make_target, event_type, handover, when):
    scene = Scene(make_product(DISPATCH_HANDOVER=handover), make_target(), event_type)
    if when == "down":
        scene.product.kill9()
    shutil.rmtree(nats_directory(scene.product))
    if when == "down":
        scene.product.start()
    if (when, handover) != ("up", "queue"):
        scene.wait_for_progress()
    scene.stop_publishing()
    if (when, handover) == ("up", "queue"):
        scene.product.restart()  # until then the linked server refuses all pointers
    scene.assert_all_arrive(repeats_max=CONCURRENCY if when == "down" else 0)
    scene.product.restart()
    scene.product.verify()
    assert not scene.refused
