"""短信提醒 of one's own: switched on with a mobile number, switched off by deleting it, which the end of the account does too. The record
holds the masked number."""

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.cards import check_phone
from config.protection.sealing import seal
from config.verbs import AlreadyHandled, TransitionError, lock, save

from ..models import Mobile, Post, Staff


@sensitive_variables()
@transaction.atomic
def text_me(*, number: str, by: Post) -> Mobile:
    """Urgent notices go to this mobile number too, from now on. A number that stands already is replaced.

    Raises:
        TransitionError: no mobile number: a landline takes no text.
    """
    checked = check_phone(number)
    if checked.errors:
        raise TransitionError("；".join(checked.errors))
    if not checked.normalised.startswith("1"):
        raise TransitionError("座机收不到短信，请填写11位手机号码。")
    lock(Staff(pk=by.staff_id))
    mobile: Mobile = Mobile.objects.of(by.staff_id) or Mobile(staff_id=by.staff_id)
    old = str(mobile.number)
    seal(mobile, number=checked.normalised)
    mobile.set_at = clock.now()
    if mobile._state.adding:
        save(mobile)
    else:
        save(mobile, "number_sealed", "number_digest", "number_masked", "set_at")
    record("staff.texting_on", by.staff, by=by, old=old, new=str(mobile.number))
    return mobile


@transaction.atomic
def stop_texting(*, by: Post) -> None:
    """No text any more, and the number is forgotten.

    Raises:
        AlreadyHandled: it is off.
    """
    lock(Staff(pk=by.staff_id))
    if not forget_mobile(by.staff, by=by):
        raise AlreadyHandled("短信提醒没有开通，不用再关闭。")


def forget_mobile(staff: Staff, *, by: Post) -> bool:
    """Whether there was a number. Inner: inside the verb that switches texting off, or the account itself."""
    mobile = Mobile.objects.of(staff.pk)
    if mobile is None:
        return False
    old = str(mobile.number)
    mobile.delete()
    record("staff.texting_off", staff, by=by, old=old)
    return True
