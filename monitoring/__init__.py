"""Data rounds, doubts, clues, early warning, supervision, dashboards."""
