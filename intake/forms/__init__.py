"""Forms of the window, one module a task."""
