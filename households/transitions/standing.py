"""What was merged or closed takes no further step: the sentence says where to go on."""

from config.verbs import TransitionError

from ..models import Household, Resident


def refuse_gone(row: Household | Resident) -> None:
    """Raises TransitionError: the household is closed, or the person's file was merged into another."""
    if isinstance(row, Resident):
        if row.survivor_id is not None:
            raise TransitionError(f"{row.name}的这份人员档案已合并，请在保留的档案中办理。")
    elif row.is_closed:
        where = f"并入户编号{row.successor.number}的家庭" if row.successor else "注销"
        raise TransitionError(f"户编号{row.number}的家庭已{where}，不能再办理。请打开现在的家庭办理。")
