"""常用意见: kept, reworded and discarded by their owner alone. The record says that it was done; the words are nobody else's business."""

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, lock, save
from config.words import without_numbers

from ..figures import figure
from ..models import Phrase, Post, Staff


@transaction.atomic
def keep(*, text: str, by: Post) -> Phrase:
    """At most `own_phrases_max` for one person.

    Raises:
        TransitionError: there are that many, no words, or an ID number in them.
        ValidationError: kept already.
    """
    lock(Staff(pk=by.staff_id))
    most = int(figure("own_phrases_max"))
    if Phrase.objects.visible_to(by).count() >= most:
        raise TransitionError(f"常用意见最多保存{most}条，请先删除不再使用的。")
    phrase = Phrase(staff_id=by.staff_id, text=_words(text), kept_at=clock.now())
    save(phrase)
    record("phrase.kept", phrase, by=by)
    return phrase


@transaction.atomic
def reword(*, phrase_id: int, text: str, by: Post) -> Phrase:
    """Say it otherwise from now on; where it was used before, it stands as it was.

    Raises:
        TransitionError: no words, or an ID number in them.
        ValidationError: the same is kept already.
    """
    phrase: Phrase = lock(Phrase.objects.visible_to(by).get_or_404(phrase_id))
    phrase.text = _words(text)
    save(phrase, "text")
    record("phrase.reworded", phrase, by=by)
    return phrase


@transaction.atomic
def discard(*, phrase_id: int, by: Post) -> None:
    phrase: Phrase = lock(Phrase.objects.visible_to(by).get_or_404(phrase_id))
    record("phrase.discarded", phrase, by=by)
    phrase.delete()


def _words(text: str) -> str:
    words = without_numbers(text, may_name_mobile=True)  # the field it is put into decides
    if not words:
        raise TransitionError("请填写常用意见的内容。")
    return words
