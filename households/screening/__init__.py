"""Screening a household or the county: gathering what rules ask, and rules as SQL (DESIGN 4). The language is `programs.screening`."""
