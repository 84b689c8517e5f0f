"""``make bench``: costs of the fast ways beside those of what they replace, as ratios of paired runs.

Seconds depend on the machine and on what else it does; a ratio of two runs made one after the other hardly does. So
each comparison runs its two sides in turn, several times, and the table shows minimum, median and maximum of the
ratios. ``pairs`` measures, ``comparisons`` lists what is measured, ``stage`` is the copy of the tree it runs on,
``gate`` and ``cold`` run in processes of their own, ``published`` writes docs/performance.md.
"""
