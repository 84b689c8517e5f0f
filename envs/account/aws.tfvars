# Values for TARGET=aws. No account has this id: plans stop here until yours stands in its place.
allowed_account_ids = ["000000000000"]
