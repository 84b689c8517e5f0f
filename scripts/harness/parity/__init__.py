"""Compare environments by their plans: ``declared`` wants a reason for a difference, ``comparison`` lists settings."""
