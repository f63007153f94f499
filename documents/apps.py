from datetime import timedelta

from django.apps import AppConfig

# 文号: 忠民受〔2026〕500233001-00012号.
WORDS = {
    "guide_card": "卡",
    "acceptance_notice": "受",
    "not_accepted_notice": "不受",
    "supplement_notice": "补",
    "decision_notice": "准",
    "refusal_notice": "不准",
    "change_notice": "变",
}


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "文书与附件"

    def ready(self) -> None:
        from audit.presenters import register
        from config.protection import rotation
        from deadlines import periods

        from . import numbering, tasks
        from .phrases import PHRASES, SUBJECTS
        from .transitions import upkeep

        register(PHRASES, SUBJECTS)
        for kind, word in WORDS.items():
            numbering.register(kind, "{prefix}" + word + "〔{year}〕{scope}-{number:05d}号")
        rotation.register(rotation.Store("附件文件", upkeep.on_other_keys, upkeep.move_to_current_key))
        periods.register(
            "documents.sweep_attachments",
            "清理没有登记的附件文件",
            lambda period: f"清理{tasks.sweep_attachments()}个文件",
            every=timedelta(hours=6),
            commits_itself=True,
        )
