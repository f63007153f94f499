"""Under which record aid goes on that has ended: what a decision, a new standard or a roll with another sum put in its place.

`SUCCESSIONS` is for statements over many (of one record `transitions.standing_record` asks): keys of what ended and of what goes on. A row
without either says nothing. It has no conditions of its own, so that a planner may look each up by its index.
"""

SUCCESSIONS = """
    SELECT record_id, successor_id FROM households_recordchange
    UNION ALL SELECT record_id, successor_id FROM households_standardline
    UNION ALL SELECT former_id, id FROM households_assistancerecord
"""
