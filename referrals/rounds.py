"""What comes round in this room (`deadlines.periods`), with its rhythm and the line that tells what came of it."""

from datetime import timedelta

from deadlines import periods

from . import tasks

HALF_AN_HOUR, QUARTER_OF_A_DAY = timedelta(minutes=30), timedelta(hours=6)


def register() -> None:
    """All but the tries go thing by thing, each in its own transaction: one that cannot be done holds up nobody, and done again it adds."""
    periods.register(
        "referrals.send_opened", "送出已到开放日的事项", lambda period: f"送出{tasks.send_opened_items()}件", every=HALF_AN_HOUR,
        commits_itself=True,
    )  # fmt: skip
    periods.register(
        "referrals.follow_successors", "撤并单位的未办事项移交", lambda period: f"移交{tasks.follow_successors()}件", every=HALF_AN_HOUR,
        commits_itself=True,
    )  # fmt: skip
    periods.register(
        "referrals.screen_families_again", "批准后家庭复筛", lambda period: f"复筛{tasks.screen_families_again()}户",
        every=timedelta(minutes=1), commits_itself=True,
    )  # fmt: skip
    periods.register(
        "referrals.watch_the_dead", "死亡停发核对", lambda period: f"核对{tasks.watch_the_dead()}人", every="hour", commits_itself=True
    )
    periods.register(
        "referrals.open_due_reviews", "开立定期复核", lambda period: f"开立{tasks.open_due_reviews()}件", every=QUARTER_OF_A_DAY,
        commits_itself=True,
    )  # fmt: skip
    periods.register(
        "referrals.prepare_monthly_lists", "生成免申请名单", lambda period: f"生成{tasks.prepare_monthly_lists()}份",
        every=QUARTER_OF_A_DAY, commits_itself=True,
    )  # fmt: skip
    periods.register(
        "referrals.forget_progress_tries", "清理进度查询的错误记录", lambda period: f"清理{tasks.forget_progress_tries()}条", every="hour"
    )
