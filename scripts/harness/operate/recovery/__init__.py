"""Bring back what was lost: the table's items, the state object, the proof of what the stage served.

``copies`` makes copies, ``items`` compares and writes back, ``states`` knows the versions of the state object,
``export`` compares what the gateway serves with the contract. Nothing here prints; the verbs do.
"""
