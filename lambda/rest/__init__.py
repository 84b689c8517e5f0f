"""Code that the function of every REST service shares, none of it about one service; it goes into the zip of each.

A service makes an :class:`rest.app.App`, says which function answers which operation of its contract, and names
``app.handler`` in its service.yaml. Outside in: ``app`` (events, logs, metrics, problems) -> ``contract`` (checks a
request against the contract) -> ``event``, ``body`` (read what the gateway hands over). ``answers`` and ``problems``
are what a service returns and raises, ``budget`` is the time it has, ``settings`` the environment of every function.
"""
