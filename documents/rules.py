"""Pure functions on names of files."""

import re
import unicodedata

from config.protection.masks import mask_id_number, mask_phone

_EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
_NAME_LENGTH = 100
_ID_NUMBER = re.compile(r"(?<!\d)\d{15,19}[Xx]?(?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def tidy_name(name: str, content_type: str) -> str:
    """A file's name as it may be shown and saved again: no folder, nothing invisible, numbers of persons masked, one ending, the true one.

    `身份证.pdf.exe` that turns out to be a picture becomes `身份证_pdf.jpg`; a name with nothing left in it becomes 附件.
    """
    last = re.split(r"[/\\:]", unicodedata.normalize("NFC", name))[-1]
    # Cc and Cf: control characters, and those that turn the direction of writing (`gpj.exe` shown backwards).
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", visible.strip())
    stem = re.sub(r'[<>"|?*&%;`$\'=]', "_", stem)
    stem = re.sub(r"(?<!\d)\.|\.(?!\d)", "_", stem)
    stem = _PHONE.sub(lambda found: mask_phone(found[0]), _ID_NUMBER.sub(lambda found: mask_id_number(found[0]), stem))
    stem = re.sub(r"\s+", " ", stem).strip(" _.")[:_NAME_LENGTH].strip(" _.")
    return (stem or "附件") + _EXTENSIONS[content_type]
