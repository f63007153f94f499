from django.apps import AppConfig


class ProtectionAppConfig(AppConfig):
    name = "tests.protection_app"
    verbose_name = "受保护字段试验"
