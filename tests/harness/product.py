"""The real binary: started, asked, killed, restarted and stopped."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

from harness.ports import free_port
from harness.waiting import wait_until

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("FC_BINARY", str(REPOSITORY / "bin" / "flowcatalyst"))
READY_SECONDS_MAX = 20
STOP_SECONDS_MAX = 40  # a delivery in flight may take its 30 s


def scratch_folder():
    """A new folder, on the RAM disk where there is one: the tests do not ask how fast a disk is."""
    shm = "/dev/shm"
    parent = shm if os.path.isdir(shm) and os.access(shm, os.W_OK) else None
    return pathlib.Path(tempfile.mkdtemp(prefix="fc-test-", dir=os.environ.get("FC_TEST_DIR", parent)))


@dataclass
class Reply:
    """An HTTP answer. `json` is None where the body is no JSON."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Product:
    """One `flowcatalyst` with its own data directory and ports. `settings` are environment variables."""

    def __init__(self, folder=None, **settings):
        self.folder = folder or scratch_folder()
        self.data = self.folder / "data"
        self.http_port = free_port()
        self.nats_port = free_port()
        self.settings = settings
        self.log = self.folder / "log.txt"
        self.process = None

    def environment(self, **more):
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
        }
        own = {
            "FLOWCATALYST_DEV": "true",
            "HTTP_PORT": str(self.http_port),
            "NATS_PORT": str(self.nats_port),
            "DATA_DIR": str(self.data),
        }
        wanted = {**inherited, **own, **self.settings, **more}
        return {name: value for name, value in wanted.items() if value is not None}

    def launch(self, **more):
        """Starts and waits for nothing. `more`: environment for this start only; None unsets a variable."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY], env=self.environment(**more), cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )

    def start(self, **more):
        """Starts and waits until ready."""
        self.launch(**more)
        wait_until(self._ready_or_dead, READY_SECONDS_MAX, f"{BINARY} to be ready")
        assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.log_tail()}"
        return self

    def _ready_or_dead(self):
        if self.process.poll() is not None:
            return True
        try:
            return self.call("GET", "/q/health/ready", token=None, timeout=2).status == 200
        except OSError:
            return False

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def restart(self, **more):
        """Starts again on the same data; asks a running process to stop first."""
        if self.is_running():
            self.stop()
        return self.start(**more)

    def stop(self):
        """Ctrl-C: must end with 0, in good time."""
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"did not stop within {STOP_SECONDS_MAX} s:\n{self.log_tail()}") from None
        assert code == 0, f"exit {code} on SIGINT:\n{self.log_tail()}"

    def dispose(self):
        """Ends what still runs and removes the data."""
        if self.is_running():
            self.kill9()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_tail(self, lines=40):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    @property
    def token(self):
        return (self.data / "dev-token").read_text().strip()

    # ---- HTTP

    def call(self, method, path, body=None, token="dev", headers=None, timeout=20):
        """One request. `body`: bytes as they are, else as JSON. `token`: "dev" is the administrator's."""
        sent = {} if body is None else {"Content-Type": "application/json"}
        if token:
            sent["Authorization"] = "Bearer " + (self.token if token == "dev" else token)
        sent.update(headers or {})
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=timeout)
        try:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def api(self, method, path, body=None):
        reply = self.call(method, path, body)
        return reply.status, reply.json

    def must(self, method, path, body=None):
        """The JSON of an answer that has to be 2xx."""
        reply = self.call(method, path, body)
        assert 200 <= reply.status < 300, f"{method} {path}: {reply.status} {reply.body[:2000]!r}"
        return reply.json

    def cli(self, *arguments, timeout=60, **more):
        """Runs `flowcatalyst <arguments>` in this product's environment; stdout and stderr as text."""
        return subprocess.run(
            [BINARY, *arguments],
            env=self.environment(**more),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    # ---- the words of the tests

    def subscribe(self, target, event_types, **more):
        """Creates a subscription to `target` (a Target or a URL); answers `id`, `signingSecret`, ..."""
        url = target if isinstance(target, str) else target.url()
        types = [event_types] if isinstance(event_types, str) else list(event_types)
        body = {"name": f"test {time.monotonic_ns()}", "eventTypes": types, "targetUrl": url, **more}
        return self.must("POST", "/api/subscriptions", body)

    def publish(self, event_type, data="{}", **more):
        return self.must("POST", "/api/events", {"type": event_type, "source": "test", "data": data, **more})

    def publish_many(self, events):
        """Publishes in batches of 100, each with `source` test where it has none."""
        stored = []
        for start in range(0, len(events), 100):
            batch = [{"source": "test", **event} for event in events[start : start + 100]]
            stored += self.must("POST", "/api/events/batch", {"events": batch})["events"]
        return stored

    def pool(self, code, **more):
        return self.must("POST", "/api/dispatch-pools", {"code": code, "name": code, **more})

    def job(self, job_id):
        return self.must("GET", f"/api/dispatch/jobs/{job_id}")

    def jobs(self, **filters):
        query = "&".join(f"{name}={value}" for name, value in {"size": 100, **filters}.items())
        return listed(self.must("GET", f"/api/dispatch/jobs?{query}"))

    def attempts(self, job_id):
        return listed(self.must("GET", f"/api/dispatch/jobs/{job_id}/attempts"))

    def wait_status(self, job_id, *statuses, timeout=15.0):
        """The job, once its status is one of `statuses`."""

        def arrived():
            job = self.job(job_id)
            return job if job["status"] in statuses else None

        return wait_until(arrived, timeout, f"job {job_id} to be {' or '.join(statuses)}")

    def verify(self):
        """The tallies add up, says the product itself."""
        result = self.cli("verify")
        assert result.returncode == 0, f"verify: {result.returncode}\n{result.stdout}{result.stderr}"


def listed(body):
    """The rows of a list answer: a bare array, `items`, or the one array member of the envelope."""
    if isinstance(body, list):
        return body
    if "items" in body:
        return body["items"]
    arrays = [value for value in body.values() if isinstance(value, list)]
    assert len(arrays) == 1, f"not one list in {list(body)}"
    return arrays[0]
