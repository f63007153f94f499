"""Forms of the referrals' pages: wording and cleaning; the verbs decide."""

from .progress import ProgressForm
from .steps import (
    AnswerExtensionForm,
    AppraisalForm,
    AssignForm,
    ConfirmForm,
    DecideForm,
    ExtensionForm,
    FeedBackForm,
    ForwardForm,
    LookIntoForm,
    ProposeForm,
    ResubmitForm,
    ReturnFeedbackForm,
    ReturnForm,
    SeenForm,
    SendBackForm,
    TerminateForm,
    WithdrawForm,
)

__all__ = [
    "AnswerExtensionForm",
    "AppraisalForm",
    "AssignForm",
    "ConfirmForm",
    "DecideForm",
    "ExtensionForm",
    "FeedBackForm",
    "ForwardForm",
    "LookIntoForm",
    "ProgressForm",
    "ProposeForm",
    "ResubmitForm",
    "ReturnFeedbackForm",
    "ReturnForm",
    "SeenForm",
    "SendBackForm",
    "TerminateForm",
    "WithdrawForm",
]
