from datetime import timedelta

from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "spreadsheets"
    verbose_name = "表格导入导出"

    def ready(self) -> None:
        from audit.presenters import register
        from deadlines import jobs, periods

        from . import tasks
        from .presenters import PHRASES, SUBJECTS
        from .transitions.edges import APPLY, READ, UNDO

        register(PHRASES, SUBJECTS)
        jobs.register(READ, tasks.read, title="读取导入文件")
        jobs.register(APPLY, tasks.apply, title="导入数据入库")
        jobs.register(UNDO, tasks.undo, title="撤销入库")
        periods.register("spreadsheets.tidy", "清理导入暂存", tasks.tidy, every=periods.Every.DAY, at=timedelta(hours=3, minutes=10))
