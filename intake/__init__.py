"""The window: visits, requests, applications, materials, notices."""
