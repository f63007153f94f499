"""Residents, households, facts, access, assistance records."""
