# Values for TARGET=aws. No account has this id: plans stop here until yours stands in its place.
allowed_account_ids = ["000000000000"]

# Who is told when an alarm fires; a plan that tells nobody is refused. Each confirms once, by the link that AWS sends. An
# https address that holds a token does not belong into a file: leave this out and set TF_VAR_subscribers, alike.
# subscribers = { on-call = "on-call@YOUR-DOMAIN" }
