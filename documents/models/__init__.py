from .attachment import Attachment
from .form_version import FormVersion
from .number_series import NumberSeries
from .paper import DocumentTemplate, IssuedDocument

__all__ = ["Attachment", "DocumentTemplate", "FormVersion", "IssuedDocument", "NumberSeries"]
