"""Pages of the window, one module a task."""
