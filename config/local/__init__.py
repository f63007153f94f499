"""The checkout's own servers: PostgreSQL and Valkey from wheels, started and stopped by us (see DEPENDENCIES in docs/operations.md)."""

from .postgres import own_database

__all__ = ["own_database"]
