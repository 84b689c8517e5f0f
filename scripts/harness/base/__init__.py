"""Everything that all packages may use: errors, paths, options, processes, progress, findings, the list of verbs.

Standard library only: ``make help`` and ``make setup`` run before anything is installed.
"""
