"""Starting and ending what the benchmark runs: each child is known by its process, and none outlives the run."""

import os
import signal
import subprocess
import time


class Failed(Exception):
    """Something did not run, or answered wrong: the sentence says what."""


def run(command, **options):
    """Runs a command to its end and returns its output; its errors are in the exception."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(str(word) for word in command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


class Process:
    """A server in a process group of its own, so that a Ctrl-C at the terminal reaches only the benchmark, which ends
    its servers in order."""

    def __init__(self, name, command, log, environment=None, stop_signal=signal.SIGTERM, stop_seconds_max=10):
        self.name, self.log = name, log
        self.command = [str(word) for word in command]
        self.environment = {**os.environ, **(environment or {})}
        self.stop_signal, self.stop_seconds_max = stop_signal, stop_seconds_max
        self.child = None

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )

    def check(self):
        """Throws with the end of the log if the process is gone."""
        if self.child is None or self.child.poll() is not None:
            said = self.log.read_text(errors="replace").strip().splitlines()[-5:]
            raise Failed(f"{self.name} is not running: " + " / ".join(said))

    def stop(self):
        if self.child is None:
            return
        if self.child.poll() is None:
            self.child.send_signal(self.stop_signal)
            try:
                self.child.wait(self.stop_seconds_max)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
        self.child = None

    def memory_peak_bytes(self):
        """The most resident memory the process ever had (VmHWM)."""
        with open(f"/proc/{self.child.pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        raise Failed(f"no VmHWM of {self.name}")


def until(condition, seconds_max, what, pause_seconds=0.005):
    """Asks again until the condition holds; a server's start has no event to wait for."""
    end = time.monotonic() + seconds_max
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what} took more than {seconds_max} s")
        time.sleep(pause_seconds)
