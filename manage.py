#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it uses the checkout's own PostgreSQL (see config/local)."""

import os
import sys
from contextlib import nullcontext


def main() -> None:
    module = os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    from config.local import own_servers, site_of, wants_database

    site = site_of(module)
    with own_servers(site) if site and wants_database(sys.argv) else nullcontext():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
