"""Means verification: data matching, home visits, letters, reports."""
