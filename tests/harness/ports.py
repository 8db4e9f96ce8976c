"""Ports that nobody else takes between the moment we pick one and the moment a server binds it."""

import os
import random
import socket

# Below the range from which the kernel gives out the local ports of outgoing connections.
LOWEST, HIGHEST = 12000, 31999
TRIES_MAX = 200

_random = random.Random(os.getpid() * 2654435761 + int.from_bytes(os.urandom(4), "big"))
_given = set()


def free_port():
    """A port on 127.0.0.1 that is free now and was not given out in this run before.

    A product that restarts leaves its ports free for a moment: they are nobody else's, so each worker has its own.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    for _ in range(TRIES_MAX):
        port = _random.randrange(LOWEST + worker, HIGHEST, workers)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no free port found")
