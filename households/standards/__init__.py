"""标准调整: aid recomputed when a figure that it is paid by changes from a month on (TZ-36)."""
