"""Many callers at the same moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import db


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start every call in a thread of its own behind one barrier; each result or exception, in order."""
    results: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            _leave()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a caller waits for ever"
    return results


def split(results: Sequence[Any]) -> tuple[list[Any], list[Exception]]:
    """What came back, and what was raised."""
    return [each for each in results if not isinstance(each, Exception)], [
        each for each in results if isinstance(each, Exception)
    ]


def _leave() -> None:
    db.handle.obj.close()
