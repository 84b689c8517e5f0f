"""The local AWS: ministack run in-process with its gaps filled, and the control that starts and stops it.

``python -m harness.localaws`` is the server process; :mod:`harness.localaws.control` is what the rest of the
harness calls. Each gap of the pinned ministack has one file, ``gap_<name>.py``, that says what upstream does,
what AWS documents and what the fill does; :mod:`harness.localaws.fills` lists them. A probe per gap
(``tests/local/gaps``) fails when upstream no longer needs the fill.
"""
