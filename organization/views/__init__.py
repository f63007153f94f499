"""Pages of sign-in and administration, one module a task."""
