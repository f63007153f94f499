"""Items sent out, tracks walked, decisions, disputes, case pages."""
