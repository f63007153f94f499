"""The doors of the organization, one module a noun."""
