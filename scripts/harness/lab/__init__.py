"""Proofs of the proofs: ``mutation`` breaks one setting at a time, ``bench`` measures fast ways beside usual ones."""
