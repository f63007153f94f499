"""看板: what leaders see. Every figure is declared once, with how it is computed, who may see it and the function that reads it."""
