"""The rule language of screening: who a program is for, as data (DESIGN 4, RULES D2). Pure: no database, no clock.

`language` reads a stored rule into a tree and refuses what it does not know; `situation` is what is known of one household on one day;
`evaluation` answers with three values and why; `wording` puts a rule into office words; `checking` finds what can never hold.
Gathering a situation and compiling a rule to SQL is `households.screening`.
"""
