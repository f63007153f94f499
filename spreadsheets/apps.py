from datetime import timedelta

from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "spreadsheets"
    verbose_name = "表格导入导出"

    def ready(self) -> None:
        from audit.presenters import register
        from config.protection import rotation
        from deadlines import jobs, periods

        from . import tasks
        from .presenters import PHRASES, SUBJECTS
        from .transitions.edges import APPLY, READ, UNDO
        from .transitions.exporting import MAKE
        from .transitions.rotating import STORES

        register(PHRASES, SUBJECTS)
        for store in STORES:
            rotation.register(store)
        jobs.register(READ, tasks.read, title="读取导入文件")
        jobs.register(APPLY, tasks.apply, title="导入数据入库")
        jobs.register(UNDO, tasks.undo, title="撤销入库")
        jobs.register(MAKE, tasks.export, title="生成导出文件")
        morning = timedelta(hours=4, minutes=30)
        periods.register("spreadsheets.run_reports", "生成上报文件", tasks.run_reports, every=periods.Every.DAY, at=morning)
        night = timedelta(hours=3, minutes=20)
        periods.register("spreadsheets.remove_expired", "清除到期的导出文件", tasks.remove_expired, every=periods.Every.DAY, at=night)
        periods.register("spreadsheets.tidy", "清理导入暂存", tasks.tidy, every=periods.Every.DAY, at=timedelta(hours=3, minutes=10))
