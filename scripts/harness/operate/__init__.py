"""Work on deployed stacks: ``planning`` makes the saved plan, ``preflight`` looks before an apply, ``execute`` runs it.

``redeploy``, ``stage_export`` and ``restore_api`` are about the API's stage. The packages: ``release``, ``recovery``,
``drift`` and ``adopt``, which finishes an apply that was killed.
"""
