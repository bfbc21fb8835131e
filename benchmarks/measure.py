"""CPU time of this process and number of queries of one action; PostgreSQL's own time is not in it."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

WARM_UP, ROUNDS = 3, 15
BUDGETED_QUERIES = 12
NO_QUERY = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(frozen=True)
class Cost:
    """The median over some rounds."""

    cpu_ms: float
    queries: int


def cost_of(action: Callable[[], Any], *, rounds: int = ROUNDS, warm_up: int = WARM_UP) -> Cost:
    for _ in range(warm_up):
        action()
    with counted() as queries:
        action()
    times = []
    gc.collect()
    for _ in range(rounds):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return Cost(1000 * statistics.median(times), len(queries))


def undone(action: Callable[[], Any]) -> Callable[[], None]:
    """The action in a transaction that is undone, so that it can be repeated; only its commit is left out."""

    def do() -> None:
        with transaction.atomic():
            action()
            transaction.set_rollback(True)

    return do


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile, without those that only mark the test's own transaction."""
    sent: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(NO_QUERY):
            sent.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent
