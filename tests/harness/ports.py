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
    """A port on 127.0.0.1 that is free now and was not given out by this process before."""
    for _ in range(TRIES_MAX):
        port = _random.randint(LOWEST, HIGHEST)
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
