#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it uses the checkout's own PostgreSQL (see config/local)."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    from config.local import own_database

    with own_database(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
