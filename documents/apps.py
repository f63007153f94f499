from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "文书与附件"

    def ready(self) -> None:
        from audit.presenters import register
        from config.protection import rotation

        from .phrases import PHRASES, SUBJECTS
        from .transitions import upkeep

        register(PHRASES, SUBJECTS)
        rotation.register(rotation.Store("附件文件", upkeep.on_other_keys, upkeep.move_to_current_key))
