"""Every change of the catalogue: programs entered and revised, versions drafted, changed part by part and published, worked examples."""

from config.verbs import AlreadyHandled, TransitionError

from .drafts import (
    discard,
    hold,
    release,
    revise_draft_opening,
    revise_draft_papers,
    revise_draft_rule,
    revise_draft_track,
    revise_draft_words,
)
from .examples import retire_example, rewrite_example, write_example
from .lists import confirm_list, propose_list, withdraw_list
from .programs import enter, pause, resume, revise, succeed
from .versions import Content, Row, TrackContent, begin, content_of_version, draft, publish

__all__ = [
    "AlreadyHandled",
    "Content",
    "Row",
    "TrackContent",
    "TransitionError",
    "begin",
    "confirm_list",
    "content_of_version",
    "discard",
    "draft",
    "enter",
    "hold",
    "pause",
    "propose_list",
    "publish",
    "release",
    "resume",
    "retire_example",
    "revise",
    "revise_draft_opening",
    "revise_draft_papers",
    "revise_draft_rule",
    "revise_draft_track",
    "revise_draft_words",
    "rewrite_example",
    "succeed",
    "withdraw_list",
    "write_example",
]
