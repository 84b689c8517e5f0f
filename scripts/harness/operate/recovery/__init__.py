"""Bring back what was lost: tables' items, the state object, the proof of what the stage served.

``copies`` makes copies of tables, ``items`` compares and writes back, ``states`` knows the versions of the state
object, ``served`` compares what the gateway serves with the contracts. Nothing here prints; the verbs do.
"""
