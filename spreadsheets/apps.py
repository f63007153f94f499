from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "spreadsheets"
    verbose_name = "表格导入导出"

    def ready(self) -> None:
        from audit.presenters import register

        from .presenters import PHRASES

        register(PHRASES)
