from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.protection.fields import protected_columns
from config.protection.keys import provider
from config.protection.rotation import STORES, Store, on_other_keys, rotate_all


class Command(BaseCommand):
    """Moves protected values to the key FIELD_KEY_CURRENT. May be stopped at any time and started again; the house stays open.

    Ends with an error while any value is left on another key, so that a script keeps the old key until it may go.
    """

    help = "把受保护字段换到当前密钥（FIELD_KEY_CURRENT）。可随时中断、重新执行，不影响办理业务。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=5000, help="每批行数，默认 5000")
        parser.add_argument("--check", action="store_true", help="只清点，不更换")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch：每批至少 1 行。")
        self.stdout.write(f"当前密钥：{provider().current}")
        if not options["check"]:
            for progress in rotate_all(options["batch"]):
                self.stdout.write(f"{progress}：更换 {progress.moved} 项")
                for pk in progress.broken:
                    self.stderr.write(f"{progress}：{pk} 无法解密，保持原样，请查明原因")
            for store in STORES:
                self._move(store)
        left = 0
        for model, declaration in protected_columns():
            if waiting := on_other_keys(model, declaration.name).count():
                self.stderr.write(f"{model._meta.db_table}.{declaration.name}：还有 {waiting} 项在其他密钥下")
                left += waiting
        for store in STORES:
            if waiting := store.on_other_keys():
                self.stderr.write(f"{store.name}：还有 {waiting} 项在其他密钥下")
                left += waiting
        if left:
            raise CommandError(f"还有 {left} 项未换到当前密钥，旧密钥不能撤除。正在办理的行请稍后再执行一次。")
        self.stdout.write("全部在当前密钥下，旧密钥可以撤除。")

    def _move(self, store: Store) -> None:
        before = store.on_other_keys()
        broken = list(store.move())
        self.stdout.write(f"{store.name}：更换 {max(before - store.on_other_keys(), 0)} 项")  # what a verb holds is left out, as of columns
        for pk in broken:
            self.stderr.write(f"{store.name}：{pk} 无法解密，保持原样，请查明原因")
