"""A standalone Spark on loopback: one master, two workers of one core, each a process of its own; always taken down."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

LOOPBACK = "127.0.0.1"
PATIENCE = 240
"""Seconds until the master must answer and both workers be there."""

DEFAULTS = """
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.sql.shuffle.partitions 2
spark.sql.autoBroadcastJoinThreshold -1
spark.sql.adaptive.enabled false
spark.sql.constraintPropagation.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""
"""Two parts of everything and no broadcast joins, so that rows do go from worker to worker; the rest saves time."""


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, dict[str, str], list[Path]]]:
    """The master's address, the environment for its clients, and the folders in which the two workers work."""
    conf = folder / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(DEFAULTS)
    env = {**os.environ, "SPARK_LOCAL_IP": LOOPBACK, "SPARK_CONF_DIR": str(conf)}
    port = free_port()
    address = f"spark://{LOOPBACK}:{port}"
    works = [folder / "worker-1", folder / "worker-2"]
    with ExitStack() as stack:
        where = ["--host", LOOPBACK, "--webui-port", str(free_port())]
        stack.enter_context(process("master.Master", [*where, "--port", str(port)], folder / "master.log", env))
        until(lambda: answers(port), folder / "master.log")
        for work in works:
            one = ["--host", LOOPBACK, "--webui-port", str(free_port()), "--cores", "1", "--memory", "1g"]
            log = work.with_suffix(".log")
            stack.enter_context(process("worker.Worker", [*one, "--work-dir", str(work), address], log, env))
        for work in works:
            log = work.with_suffix(".log")
            until(lambda log=log: "registered with master" in log.read_text(), log)  # type: ignore[misc]
        yield address, env, works


@contextmanager
def process(kind: str, args: list[str], log: Path, env: dict[str, str]) -> Iterator[None]:
    """One daemon in the foreground; it is ended with the block, whatever happens in it."""
    home = Path(pyspark.__file__).parent
    command = ["bash", str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *args]
    with log.open("w") as out:
        started = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**env, "SPARK_HOME": str(home)})
        try:
            yield
        finally:
            started.terminate()
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def until(is_so: object, log: Path) -> None:
    """Waits; what the process said is in the error."""
    end = time.monotonic() + PATIENCE
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)
