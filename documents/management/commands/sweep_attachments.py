from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.transitions import sweep
from organization.models import Post


class Command(BaseCommand):
    """Files without a row (older than a day) are removed, rows whose file is gone are quarantined. Ends with an error where any was."""

    help = "核对附件文件与登记：清除无登记的文件，隔离缺失或损坏的附件。可随时执行，不影响办理业务。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", help="逐个解密并与摘要核对（恢复备份之后执行）")
        parser.add_argument("--dry-run", action="store_true", help="只报告，不处理")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep(by=Post.objects.the_system(), read_all=options["verify"], change=not options["dry_run"])
        self.stdout.write(f"核对 {swept.looked_at} 个附件；无登记的文件 {len(swept.removed)} 个；恢复 {len(swept.restored)} 个。")
        for pk in swept.quarantined:
            self.stderr.write(f"附件 {pk} 缺失或已损坏")
        if swept.quarantined:
            raise CommandError(f"{len(swept.quarantined)} 个附件缺失或已损坏，已停止查看。请从备份恢复文件后再执行一次 --verify。")
