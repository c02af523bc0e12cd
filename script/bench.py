"""`./upstate bench`: the benchmarks, on servers of their own that wait for the disk as a real one does."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from script.throwaway import Throwaway

_ROOT = Path(__file__).resolve().parent.parent
_MEGABYTE = 2**20


def main(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    if {"-h", "--help"} & {*arguments}:
        return subprocess.call(command, cwd=_ROOT)
    port = free_port()
    servers = Throwaway(_settings(port))
    servers.start()
    try:
        env = os.environ | servers.environment | {"UPSTATE_BENCH_PORT": str(port)}
        return subprocess.call(command, env=env, cwd=_ROOT)
    finally:
        servers.close()


def _settings(port: int) -> dict[str, str]:
    """For data that somebody would miss. Statistics and vacuum come when a benchmark says so, not by chance."""
    return {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": f"{_memory() // 12}MB",
        "work_mem": "128MB",
        "max_wal_size": "8GB",
        "autovacuum": "off",
        # the peers speak TCP only
        "listen_addresses": "127.0.0.1",
        "port": str(port),
    }


def _memory() -> int:
    """Of the machine, in megabytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEGABYTE


def free_port() -> int:
    """One that nobody listens on now, on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
