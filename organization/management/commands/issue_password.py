import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organization.models import Post, Staff
from organization.transitions import accounts


class Command(BaseCommand):
    help = "A new first password for an account, asked for here. The way for a security or audit administrator who forgot theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", metavar="LOGIN")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Post.objects.the_system()
        staff: Staff | None = Staff.objects.visible_to(by).filter(username=options["login"]).first()
        if staff is None:
            raise CommandError(f"没有登录名为 {options['login']} 的账号。")
        try:
            accounts.issue_password(staff_id=staff.pk, password=getpass.getpass(f"{staff.name} 的初始密码："), by=by)
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        self.stdout.write(f"已为 {staff.name} 设置初始密码，下次登录须修改。")
