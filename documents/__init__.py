"""Papers: attachments, form versions, signatures, number series, print and docx."""
