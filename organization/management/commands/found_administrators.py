import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from config.verbs import TransitionError
from organization.models import Post, Unit
from organization.transitions import accounts

DESKS = (
    ("system", Unit.Kind.SYSTEM_ADMINISTRATION, "系统管理员"),
    ("security", Unit.Kind.SECURITY_ADMINISTRATION, "安全管理员"),
    ("audit", Unit.Kind.AUDIT_ADMINISTRATION, "审计员"),
)


class Command(BaseCommand):
    help = (
        "Create the first three administrators of a new installation: three people, passwords asked for and changed at the first sign-in. "
        "Also fills a single desk whose last administrator's post has run out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for desk, _, title in DESKS:
            parser.add_argument(f"--{desk}", metavar="LOGIN:NAME", help=title)

    def handle(self, *args: Any, **options: Any) -> None:
        people = [(*options[desk].partition(":")[::2], kind, title) for desk, kind, title in DESKS if options[desk]]
        if not people:
            raise CommandError("请写明要设立的管理员，例如 --system zhang.san:张三 --security li.si:李四 --audit wang.wu:王五")
        if len({username for username, *_ in people}) < len(people):
            raise CommandError("三名管理员须由三个人分别担任。")
        by = Post.objects.the_system()
        try:
            with transaction.atomic():
                for username, name, kind, title in people:
                    password = getpass.getpass(f"{title} {name or username} 的初始密码：")
                    accounts.found_administrator(username=username, name=name or username, kind=kind, password=password, by=by)
        except (TransitionError, ValidationError) as refused:
            raise CommandError("；".join(getattr(refused, "messages", [str(refused)]))) from None
        self.stdout.write(f"{'、'.join(title for *_, title in people)}已建立，首次登录须修改密码。")
