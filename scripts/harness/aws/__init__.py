"""Talk to AWS, real or local: ``clients`` makes them, ``smoke`` sends requests, ``offline`` answers without any AWS."""
