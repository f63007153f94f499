"""Protected values: keys, sealed columns, masks, identifiers and name search (SECURITY D7, S10; RULES C4; PERFORMANCE 6, 8).

The only place in the tree that touches cryptography. Values are opened for people by `audit.reading.reveal`, which records it.
"""
