"""Forms of the referrals' pages: wording and cleaning; the verbs decide."""

from .bulk import BulkForm
from .changes import DecideChangeForm
from .monthly import EntriesForm, SetAsideForm
from .progress import ProgressForm
from .steps import (
    AnswerExtensionForm,
    AppraisalForm,
    AssignForm,
    ConfirmForm,
    DecideForm,
    DisputeForm,
    ExtensionForm,
    FeedBackForm,
    ForwardForm,
    LookIntoForm,
    ProposeForm,
    PushForm,
    ResendForm,
    ResubmitForm,
    ReturnFeedbackForm,
    ReturnForm,
    RuleForm,
    SeenForm,
    SendBackForm,
    TerminateForm,
    WithdrawForm,
)

__all__ = [
    "AnswerExtensionForm",
    "AppraisalForm",
    "AssignForm",
    "BulkForm",
    "ConfirmForm",
    "DecideChangeForm",
    "DecideForm",
    "DisputeForm",
    "EntriesForm",
    "ExtensionForm",
    "FeedBackForm",
    "ForwardForm",
    "LookIntoForm",
    "ProgressForm",
    "ProposeForm",
    "PushForm",
    "ResendForm",
    "ResubmitForm",
    "ReturnFeedbackForm",
    "ReturnForm",
    "RuleForm",
    "SeenForm",
    "SendBackForm",
    "SetAsideForm",
    "TerminateForm",
    "WithdrawForm",
]
