"""Work on deployed stacks: ``planning`` makes the saved plan, ``preflight`` looks before an apply, ``execute`` runs it.

``instances`` reads resources and addresses of a state, ``deployed`` tells functions, tables and stage among them,
``services`` what the services behind them promise; ``scene`` is what a drill works on. ``redeploy``, ``stage_export``
and ``restore_api`` are about the API's stage. The packages: ``release``, ``recovery``, ``drift`` and ``adopt``, which
finishes an apply that was killed.
"""
