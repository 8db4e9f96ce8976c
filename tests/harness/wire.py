"""Connections that say exactly what they are told, and clients that behave badly on them."""

import resource
import socket
import threading
import time


def request_text(product, method, path, body=b""):
    """A request as bytes, with the administrator's token."""
    head = f"{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {product.token}\r\n"
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def connect(product, receive_buffer=None):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", product.http_port))
    return connection


def read_answer(connection):
    """(status, headers) of the next answer, its body read; raises ConnectionError at the end of the stream."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += _some(connection)
    head, _, body = text.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    missing = int(headers.get("content-length", 0)) - len(body)
    while missing > 0:
        missing -= len(_some(connection))
    return int(lines[0].split()[1]), headers


def _some(connection):
    read = connection.recv(65536)
    if not read:
        raise ConnectionError("the server closed the connection")
    return read


def is_closed(connection):
    """Whether the server has ended it, now. What came before its end is thrown away."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


class Flood(threading.Thread):
    """Sends one request over and over on one connection, and counts and times the answers."""

    def __init__(self, product, request):
        super().__init__(daemon=True)
        self.product = product
        self.request = request
        self.times = {}  # status -> seconds of each answer
        self.headers = {}  # status -> those of the last
        self.closed = 0
        self._stopped = threading.Event()

    def stop(self):
        self._stopped.set()

    def run(self):
        connection = connect(self.product)
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                connection.sendall(self.request)
                status, self.headers_of_last = read_answer(connection)
            except OSError:
                self.closed += 1
                connection = connect(self.product)
                continue
            self.times.setdefault(status, []).append(time.monotonic() - began)
            self.headers[status] = self.headers_of_last


class Prober(threading.Thread):
    """Asks for something small again and again: what others feel meanwhile."""

    def __init__(self, product, path="/api/subscriptions"):
        super().__init__(daemon=True)
        self.product = product
        self.path = path
        self.times = []
        self.wrong = []
        self._stopped = threading.Event()

    def run(self):
        while not self._stopped.wait(0.02):
            began = time.monotonic()
            try:
                status = self.product.call("GET", self.path).status
            except OSError as failure:
                status = failure
            self.times.append(time.monotonic() - began)
            if status != 200:
                self.wrong.append(status)

    def end(self):
        """The 99th percentile of its times."""
        self._stopped.set()
        self.join(20)
        assert self.times and not self.wrong, self.wrong
        return quantile(self.times, 0.99)


def quantile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def resident_mb(product):
    status = open(f"/proc/{product.process.pid}/status").read()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(product):
    fields = open(f"/proc/{product.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


class descriptor_limit:  # noqa: N801  used as a statement
    """The soft limit of this process while it lasts."""

    def __init__(self, soft):
        self.soft = soft

    def __enter__(self):
        self.before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.soft, self.before[1]))

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_NOFILE, self.before)
