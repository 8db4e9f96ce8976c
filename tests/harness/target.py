"""A webhook receiver that records exactly what arrived and misbehaves as told."""

import collections
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness.ports import free_port
from harness.waiting import wait_until

HANG_SECONDS_MAX = 60


@dataclass(frozen=True)
class Answer:
    """How the target answers one request. `fault`: "" (answers), "reset" (RST) or "hang" (never answers)."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    delay: float = 0.0
    fault: str = ""

    @property
    def accepts(self):
        return not self.fault and 200 <= self.status < 300


RESET = Answer(fault="reset")
HANG = Answer(fault="hang")


def not_yet(delay_seconds):
    """2xx that asks for a later delivery without spending an attempt."""
    return Answer(body=json.dumps({"ack": False, "delaySeconds": delay_seconds}).encode())


def as_answer(answer):
    return answer if isinstance(answer, Answer) else Answer(status=answer)


@dataclass
class Delivery:
    """One request as it arrived. `at` is monotonic time, `answer` what it gets, `answered` when it has it."""

    method: str
    path: str
    headers: list
    body: bytes
    at: float
    wall: float
    answer: Answer = None
    answered: bool = False

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def job_id(self):
        return self.header("webhook-id")

    @property
    def json(self):
        return json.loads(self.body)


class Target:
    """
    `answers`: given in turn, a status or an Answer each; afterwards, or without them, `choose(delivery)`
    decides, and without that the answer is 200. `down()` closes the port, `up()` opens the same one again.
    """

    def __init__(self, answers=(), choose=None):
        self.port = free_port()
        self.answers = collections.deque(answers)
        self.choose = choose
        self.deliveries = []
        self.in_flight = 0
        self.in_flight_max = 0
        self._lock = threading.Lock()
        self._connections = set()
        self._server = None
        self.up()

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def accepted(self):
        """The deliveries that have got a 2xx, in order of arrival."""
        with self._lock:
            return [delivery for delivery in self.deliveries if delivery.answered and delivery.answer.accepts]

    def bodies(self):
        return [delivery.body for delivery in self.accepted]

    def wait(self, count=1, timeout=15.0):
        """The deliveries, once at least `count` requests arrived, whatever they were answered."""
        wait_until(
            lambda: len(self.deliveries) >= count, timeout, f"{count} requests, {self.url()} has them not"
        )
        return list(self.deliveries)

    def wait_accepted(self, count=1, timeout=15.0):
        """The accepted deliveries, once there are at least `count`."""
        wait_until(lambda: len(self.accepted) >= count, timeout, f"{count} deliveries at {self.url()}")
        return self.accepted

    def up(self):
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self):
        """Closes the port and every connection, as a machine that is switched off does."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def record(self, delivery):
        """Called by the handler: stores the delivery and says how to answer it."""
        with self._lock:
            self.in_flight += 1
            self.in_flight_max = max(self.in_flight_max, self.in_flight)
            answer = self.answers.popleft() if self.answers else None
            if answer is None:
                answer = self.choose(delivery) if self.choose else Answer()
            delivery.answer = as_answer(answer)
            self.deliveries.append(delivery)
        return delivery.answer

    def leave(self):
        with self._lock:
            self.in_flight -= 1

    def connected(self, connection):
        with self._lock:
            self._connections.add(connection)

    def disconnected(self, connection):
        with self._lock:
            self._connections.discard(connection)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, target):
        self.target = target
        super().__init__(("127.0.0.1", target.port), _Handler)

    def handle_error(self, request, client_address):
        """A connection that the other side or `down()` closed is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def setup(self):
        super().setup()
        self.server.target.connected(self.connection)

    def finish(self):
        self.server.target.disconnected(self.connection)
        super().finish()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        delivery = Delivery(
            self.command, self.path, list(self.headers.items()), body, time.monotonic(), time.time()
        )
        target = self.server.target
        answer = target.record(delivery)
        try:
            self._misbehave(answer)
        finally:
            target.leave()  # before the answer, because the sender may start its next request at once
        if not answer.fault:
            self._answer(answer)
            delivery.answered = True

    do_GET = do_PUT = do_POST

    def _misbehave(self, answer):
        if answer.delay:
            time.sleep(answer.delay)
        if answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif answer.fault == "hang":
            self.connection.settimeout(HANG_SECONDS_MAX)
            self.close_connection = True
            self.connection.recv(1)  # returns when the sender gives up

    def _answer(self, answer):
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value() if callable(value) else value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, *_):
        """Quiet."""
