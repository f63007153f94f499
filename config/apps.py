from django.apps import AppConfig
from django.core.checks import register


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "平台配置"

    def ready(self) -> None:
        from . import form_words
        from .checks import field_keys, protected_models
        from .protection.keys import provider

        form_words.use()
        register(field_keys)
        register(protected_models)
        provider()  # known answers, once per process: a mismatch stops the start (S10)
