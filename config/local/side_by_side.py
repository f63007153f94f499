"""Work in shares that touch nothing of each other's, done by as many processes at once: a demo that starts on two cores uses both."""

import multiprocessing
from collections.abc import Callable

from django.db import connection, connections

from .processes import die_with_parent


def side_by_side(work: Callable[[int], None], shares: int) -> bool:
    """`work(0)`, `work(1)`, ... each in a process of its own, with its own connection and transactions; whether all came to their end.

    One that fails says why on standard error, and the others finish theirs: that much is done when the whole is started again.
    Inside a transaction, whose rows no other process sees, the shares are done here one after the other.
    """
    if connection.in_atomic_block:
        for share in range(shares):
            work(share)
        return True
    connections.close_all()  # a connection belongs to one process
    forking = multiprocessing.get_context("fork")
    children = [forking.Process(target=_alone, args=(work, share)) for share in range(shares)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return all(child.exitcode == 0 for child in children)


def _alone(work: Callable[[int], None], share: int) -> None:
    die_with_parent()
    try:
        work(share)
    finally:
        connections.close_all()
