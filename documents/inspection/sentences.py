"""What somebody is told whose file is not taken: what is wrong with it, and what to do instead."""

_SENTENCES = {
    "empty": "这个文件是空的，请重新选择。",
    "too_large": "文件有{size} MB，超过{limit} MB的上限。请把照片压缩或分页后再上传。",
    "unknown": "只能上传照片（JPG、PNG）或PDF文件。请把材料拍成照片，或另存为PDF后再上传。",
    "markup": "这个文件不是照片或PDF（内容是网页或矢量图）。请把材料拍成照片，或另存为PDF后再上传。",
    "office": "不能直接上传Word、Excel、WPS、OFD文件或压缩包。请另存为PDF后再上传。",
    "heic": "这是苹果手机的HEIC照片，电脑打不开。请在手机“设置－相机－格式”中选“兼容性最佳”后重新拍照，或把照片另存为JPG再上传。",
    "moving": "动图不能作为材料。请拍成照片后再上传。",
    "too_many_pixels": "图片有{pixels}万像素，超过{limit}万像素的上限。请降低扫描或拍照的分辨率后再上传。",
    "broken_image": "图片不完整，可能没有传完或已损坏。请重新拍照后再上传。",
    "broken_pdf": "PDF文件不完整或已损坏。请重新扫描或另存为PDF后再上传。",
    "encrypted_pdf": "这个PDF设了密码或权限限制。请去掉密码，另存后再上传。",
    "active_pdf": "这个PDF里有脚本、附件或会自动运行的内容，为安全起见不能上传。请打印后扫描，或用“打印到PDF”另存后再上传。",
    "too_many_pages": "这个PDF有{pages}页，超过{limit}页的上限。请分成几个文件上传。",
    "unsafe": "这个文件的内部结构异常，无法完成安全检查。请重新拍照、扫描或另存后再上传。",
}


def sentence(code: str, **values: object) -> str:
    return _SENTENCES[code].format(**values)
