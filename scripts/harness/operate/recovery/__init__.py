"""Bring back what was lost: tables' items, the state object, the proof of what the stage served.

``copies`` makes copies of tables, ``side_table`` restores one beside its table and removes it (``holder``: who reads
it), ``streaming`` compares the two page by page and writes back, at the pace of ``pacing``, by the rules of ``items``;
``one_table`` puts these together. ``states`` knows the versions of the state object, ``served`` compares what the
gateway serves with the contracts.
"""
