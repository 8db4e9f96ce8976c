"""The wall clock as a product sees it, stepped while it runs; its other clocks are the machine's."""

import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_suffix(".c")


class SteppedClock:
    """
    For the products whose environment is `settings`. (Debian's libfaketime does too much: it loses a timer that is
    armed for a moment that has passed, as Asio does.)
    """

    def __init__(self, folder):
        library = folder / "stepped_clock.so"
        options = ("-shared", "-fPIC", "-O1", "-Wall", "-Werror")
        subprocess.run(["clang-19", *options, "-o", library, SOURCE], check=True)
        self._offset = folder / "offset"
        self._offset.write_bytes(struct.pack("q", 0))
        self.settings = {"LD_PRELOAD": str(library), "WALL_CLOCK_OFFSET": str(self._offset)}

    def set(self, seconds):
        """From now on it is wrong by so much."""
        with self._offset.open("r+b") as file:
            file.write(struct.pack("q", seconds))
