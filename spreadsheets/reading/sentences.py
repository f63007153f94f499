"""What somebody is told whose table is not taken: what is wrong with it, and what to do instead."""

_SENTENCES = {
    "empty": "这个文件是空的，请重新选择。",
    "not_a_table": "这不是表格文件。请上传Excel或WPS表格（.xlsx、.xls）或CSV文件。",
    "markup": "这个文件虽然能用Excel打开，内容其实是网页。请用Excel或WPS打开后，另存为“Excel工作簿（.xlsx）”再上传。",
    "xml_table": "这是“XML电子表格2003”格式。请用Excel或WPS打开后，另存为“Excel工作簿（.xlsx）”再上传。",
    "ods": "这是ODS格式的表格。请另存为“Excel工作簿（.xlsx）”再上传。",
    "xlsb": "这是Excel二进制格式（.xlsb）。请另存为“Excel工作簿（.xlsx）”再上传。",
    "encrypted": "这个文件设了打开密码。请去掉密码，另存后再上传。",
    "macros": "这个文件里有宏或控件，为安全起见不能上传。请另存为“Excel工作簿（.xlsx）”，即可去掉宏，再上传。",
    "external_links": "这个文件引用了别的工作簿或数据库。请全选后复制，用“粘贴为数值”去掉链接（数据－编辑链接－断开链接），另存后再上传。",
    "entities": "这个文件的内部结构不是Excel或WPS写出的，为安全起见不能上传。请把内容粘贴到空白模板中再上传。",
    "bomb": "这个文件解压后异常庞大，为安全起见不能上传。请把内容粘贴到空白模板中再上传。",
    "far_cell": "单元格{cell}里有内容，超出了表格应有的范围。请删去表格右侧和下方多余的内容再上传。",
    "broken": "这个表格文件不完整或已损坏。请用Excel或WPS打开检查，另存后再上传。",
    "broken_text": "CSV文件第{line}行附近的引号不成对，读不下去。请用Excel或WPS打开检查，另存为.xlsx再上传。",
    "too_many_rows": "表格超过{limit}行的上限。请删去不必报送的行，或分成几个文件上传；整份名单不能拆开，确有这么多行的请联系县级平台。",
    "too_many_columns": "表格超过{limit}列。请删去右侧多余的列再上传。",
    "too_many_sheets": "工作簿中有{limit}张以上的表。请只保留要报送的一张再上传。",
    "several_sheets": "工作簿中有几张表都像是要报送的：{sheets}。请只保留一张再上传。",
    "no_rows": "表格里没有内容，请检查是否选错了文件。",
    "unsafe": "这个文件的内部结构异常，读取中断。请把内容粘贴到空白模板中再上传。",
    "other_template": "这是“{found}”的模板，这里报送的是“{wanted}”。请下载“{wanted}”的空白模板填写，或到“{found}”处上传。",
    "unknown_template": "这张表不是“{wanted}”的模板（标识为“{found}”）。请下载“{wanted}”的空白模板填写。",
    "no_heads": "{sheet}中没有找到“{wanted}”的表头（{heads}等）。请检查是否选错了表，表头须在前20行内。",
    "missing_columns": "缺少必填的列：{columns}。{unknown}请按模板补齐，或改正表头名称。",
    "doubled_columns": "“{label}”出现了两次（{first}列和{second}列）。请只保留一列。",
    "ambiguous_columns": "{columns}这几列都可能是“{label}”。请指定哪一列是，或删去另一列再上传。",
    "wrong_rows_alone": "这是错误行的文件，不是整份名单：其他人会算作已不在名单上。请把改好的行补回原表，整份上传；表里不要“错误原因”列。"
    "名单确实只剩这些人的，抄到空白模板里上传。",
    "nothing_below": "表头下面没有数据，请检查是否选错了文件。",
}


def sentence(code: str, **values: object) -> str:
    return _SENTENCES[code].format(**values)
