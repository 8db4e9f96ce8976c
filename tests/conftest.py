"""Fixtures: the product that most tests share, products of one's own, targets, and unique event types."""

import itertools
import os

import pytest

from harness import product as product_module
from harness.deaths import debug_binary
from harness.product import BINARY, Product
from harness.target import Target

_numbers = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long by its nature, so it starts first")
    config.addinivalue_line("markers", "kills: the product dies, for `make soak` many times")
    config.addinivalue_line("markers", "clock: the wall clock steps")
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f"{BINARY} is not there: build it first, or set FC_BINARY")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that failed shows the last lines of its product's log."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Product):
                report.sections.append(("log of the product", value.log_tail()))
    return report


@pytest.fixture(scope="session")
def _shared():
    """The running product of this worker, made anew if a test brought it down."""
    holder = []
    yield holder
    for product in holder:
        try:
            if product.is_running():
                product.verify()
                product.stop()
        finally:
            product.dispose()


@pytest.fixture
def product(_shared):
    """A running product shared by many tests: use `event_type` for events that nobody else subscribes to."""
    if not _shared or not _shared[-1].is_running():
        _shared.append(Product().start())
    yield _shared[-1]
    assert _shared[-1].is_running(), "the product died in this test:\n" + _shared[-1].log_tail()


@pytest.fixture
def make_product():
    """`make_product(**environment)`: a product of one's own, not started yet, removed at the end."""
    made = []

    def make(**settings):
        made.append(Product(**settings))
        return made[-1]

    yield make
    for product in made:
        product.dispose()


@pytest.fixture
def own_product(make_product):
    """A running product of one's own, which must end with 0 on Ctrl-C if the test leaves it running."""
    product = make_product().start()
    yield product
    if product.is_running():
        product.stop()


@pytest.fixture
def debug_build(monkeypatch):
    """The test runs a build with fault points."""
    monkeypatch.setattr(product_module, "BINARY", debug_binary())


@pytest.fixture
def make_target():
    made = []

    def make(answers=(), choose=None):
        made.append(Target(answers, choose))
        return made[-1]

    yield make
    for target in made:
        target.down()


@pytest.fixture
def target(make_target):
    """A target that answers 200 to everything."""
    return make_target()


@pytest.fixture
def event_type(worker_id):
    """An event type that no other test publishes or subscribes to."""
    return f"test-{worker_id}-{os.getpid()}-{next(_numbers)}"
