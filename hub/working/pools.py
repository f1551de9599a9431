"""Threads to do jobs in, apart for each provider: one that hangs keeps only its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor


class Pools:
    """A pool of `concurrency` threads for each provider, made when the first job of one comes."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._lock = threading.Lock()
        self._pools: dict[str, ThreadPoolExecutor] = {}

    def of(self, provider: str) -> ThreadPoolExecutor:
        """Return the pool of a provider; an empty name stands for what needs none."""
        with self._lock:
            if provider not in self._pools:
                self._pools[provider] = ThreadPoolExecutor(self._concurrency, thread_name_prefix=f"job {provider}")
            return self._pools[provider]

    def shutdown(self) -> None:
        """Wait until every job has ended."""
        for pool in self._pools.values():
            pool.shutdown()
