"""Run Terraform: ``binary`` finds it, ``runner`` runs it, ``detached`` applies a saved plan in a session of its own.

``state`` reads the remote state, ``fingerprint`` tells whether a saved plan is still that of its files, ``context``
holds all of it for one stack. Nothing is imported here: ``binary`` alone works without any package installed.
"""
