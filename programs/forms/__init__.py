"""Forms of a draft's parts, of the rule builder and of worked examples."""
