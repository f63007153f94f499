"""What departments and townships hand in as sheets, set by set: rolls of programs, facts, people (DESIGN 7)."""
