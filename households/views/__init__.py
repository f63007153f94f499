"""Pages of people and households, by task."""
