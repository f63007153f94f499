"""Long work beside the pages (DESIGN 6): the kinds of it, and what a piece of work is given while it runs.

A room registers its kinds when it is loaded, so that nothing here knows the rooms above:

    jobs.register("screening.dry_run", dry_run, title="规则试算")        # in AppConfig.ready
    job = transitions.ask_job("screening.dry_run", arguments={"draft": str(draft.pk)}, by=post)

    def dry_run(context: jobs.Context) -> jobs.Result:
        context.progress(0, 53, "准备全县数据")      # seen by others at once; raises Cancelled when somebody asked to cancel
        ...
        return jobs.Result(url=draft.get_absolute_url(), text="现符合1200户，修改后1310户", data={"now": 1200, "then": 1310})

The function runs in one transaction, which also marks the job done: whatever it wrote stands exactly when the job is done, however often a
runner died over it. It reads the person's rows through `context.asked_by`, and its arguments are ids alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from config.verbs import TransitionError
from organization.models import Post


class Cancelled(Exception):
    """Somebody asked to cancel: the work is undone and the job ends as cancelled."""


class Lost(Exception):
    """The job is another runner's now, or has ended: what this one did is undone."""


class JobFailed(TransitionError):
    """The work cannot be done. The sentence stands at the job: why, and what to do next."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a job leaves: where to look, one line for people without personal data, and a few numbers or ids."""

    url: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class Reports(Protocol):
    """How the runner passes on what the work says."""

    def tell(self, done: int, total: int | None, step: str) -> bool:
        """Make the progress known; whether cancelling was asked for."""

    def is_cancelled(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What the work is given. `job_id` is the key under which it may keep its result: the same on every try."""

    job_id: UUID
    arguments: Mapping[str, Any]
    asked_by: Post
    reports: Reports

    def progress(self, done: int, total: int | None = None, step: str = "") -> None:
        """Say how far the work is. An empty step leaves the last one standing.

        Raises:
            Cancelled: somebody asked to cancel.
            Lost: the job is another runner's.
        """
        if self.reports.tell(done, total, step):
            raise Cancelled

    def is_cancelled(self) -> bool:
        return self.reports.is_cancelled()

    def check(self) -> None:
        """Go on only while nobody asked to cancel.

        Raises:
            Cancelled: somebody did.
        """
        if self.is_cancelled():
            raise Cancelled


Work = Callable[[Context], Result | None]


@dataclass(frozen=True, slots=True)
class Kind:
    key: str
    work: Work
    title: str


_kinds: dict[str, Kind] = {}


def register(key: str, work: Work, *, title: str) -> None:
    """A kind of work, by a dotted key of its room; the title is Chinese and names nobody."""
    _kinds[key] = Kind(key, work, title)


def kind_of(key: str) -> Kind | None:
    """None where this version of the house no longer knows such work."""
    return _kinds.get(key)
