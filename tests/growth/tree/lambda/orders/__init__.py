"""A second service, as small as one can be."""
