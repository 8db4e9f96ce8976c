"""Waiting for a condition, with a deadline and a reason."""

import time

POLL_SECONDS = 0.01


def wait_until(condition, timeout=15.0, why="the condition"):
    """The first true value of `condition()`; AssertionError naming `why` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {why}; last value: {value!r}")
        time.sleep(POLL_SECONDS)
