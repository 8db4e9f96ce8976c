"""README.md: what its consoles show can be typed as printed, and is answered in the shape that is printed."""

import json
import pathlib
import re
import subprocess

from harness.ports import free_port
from harness.product import BINARY, REPOSITORY

PAGE = (REPOSITORY / "README.md").read_text()
CONSOLES = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
JOB = re.compile(r"/api/dispatch/jobs/(\w{13})")
DELIVERY = r"^\S+Z  \w{13}  attempt 1  order.created  18 bytes  signature unchecked  -> 200$"


def commands_and_outputs(console):
    """Each command, over as many lines as its quotes take, with the lines that are printed after it."""
    pairs = []
    for line in console.splitlines():
        if line.startswith("$ "):
            pairs.append([line[2:], []])
        elif pairs[-1][0].count("'") % 2:
            pairs[-1][0] += "\n" + line
        else:
            pairs[-1][1].append(line)
    return pairs


def shape(value):
    """Names of members at every level, without the values."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else None


def assert_same_shape(printed, answered):
    assert (printed[:1] == "{") == (answered[:1] == "{"), answered
    if printed.startswith("{"):
        assert shape(json.loads(printed)) == shape(json.loads(answered))
    else:
        hidden = re.compile(r":\d+\b")  # the port
        assert hidden.sub("", printed) == hidden.sub("", answered)


class Terminal:
    """A shell in which one types one command after the other, with other ports than those that are printed."""

    def __init__(self, product, folder):
        self.ports = {"8080": str(product.http_port), "9000": str(free_port())}
        (folder / "bin").mkdir()
        (folder / "bin" / "flowcatalyst").symlink_to(pathlib.Path(BINARY).resolve())
        self.shell = subprocess.Popen(
            ["bash"], cwd=folder, env={**product.environment(), "HOME": str(folder)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        # An answer and the end of its line in one piece: the receiver writes to the same terminal.
        self.type("curl() { printf '%s\\n' \"$(command curl \"$@\")\"; }")

    def type(self, command):
        for printed, here in self.ports.items():
            command = re.sub(rf"\b{printed}\b", here, command)
        self.shell.stdin.write(command + "\n")
        self.shell.stdin.flush()

    def read(self, count):
        """So many lines. The receiver's own come when they come: behind the answer, as a person reads them."""
        lines = [self.shell.stdout.readline().rstrip("\n") for _ in range(count)]
        return sorted(lines, key=lambda line: not line.startswith("{"))

    def end(self):
        self.type("kill $(jobs -p); wait")
        self.shell.stdin.close()
        self.shell.wait(20)


def test_consoles_show_what_happens(own_product, tmp_path):
    terminal = Terminal(own_product, tmp_path)
    job = None
    try:
        for command, printed in [pair for console in CONSOLES for pair in commands_and_outputs(console)]:
            if job:
                own_product.wait_status(job, "COMPLETED")
            terminal.type(JOB.sub(f"/api/dispatch/jobs/{job}", command))
            for wanted, line in zip(printed, terminal.read(len(printed)), strict=True):
                if re.match(DELIVERY, wanted):
                    assert re.match(DELIVERY, line), line
                    job = line.split()[1]
                else:
                    assert_same_shape(wanted, line)
    finally:
        terminal.end()
    assert job


def test_table_of_commands_is_that_of_the_program(make_product):
    help_text = make_product().cli("--help").stdout.split("Subcommands:", 1)[1]
    known = set(re.findall(r"^  ([a-z]+)", help_text, re.MULTILINE))
    table = PAGE.split("| Command |", 1)[1].split("\n\n", 1)[0]
    named = set(re.findall(r"`(?:flowcatalyst )?([a-z]+)", table)) - {"flowcatalyst"}
    assert known <= named


def test_what_is_said_to_be_open_is_open_and_nothing_else(product):
    said = PAGE.split("which everything needs but", 1)[1].split(". `make dev`", 1)[0]
    document = product.call("GET", "/swagger/openapi.json", token=None).json
    is_open = {
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if operation.get("security") == [] and path != "/api/dispatch/process"
    }
    named = set(re.findall(r"`(/[^`]+)`", said))
    assert all(any(path.startswith(name) for name in named) for path in is_open), is_open
    for name in named:
        assert product.call("GET", name, token=None).status == 200, name
