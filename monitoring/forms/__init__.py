"""Forms of the room, a module for each noun."""
