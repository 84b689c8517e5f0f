"""Documents generated from data: the function's permissions."""

from __future__ import annotations

from harness.facts import Action, Grant, read_base_grants, read_grants, service_names
from harness.report import iamdoc

READ = Action("dynamodb:GetItem", "Reads | one.", required=True, drop="Serve nothing.")
WRITE = Action("dynamodb:PutItem", "Writes.", required=False, drop="Be read-only.")
CARTS = Grant("Carts", "table:carts", "One\ntable.", (READ, WRITE))
LIST = Grant("List", "index:carts/by-x", "A list.", (READ,))
SEND = Grant("Send", "queue:outbox", "Letters.", (WRITE,))
KEY = Grant("Key", "key", "Data.", (READ,), when="customer_key", through=("dynamodb", "lambda"))
TRACE = Grant("Trace", "any", "No narrower.", (READ,), when="tracing")


def test_permissions_of_every_service_are_rendered_with_their_reasons() -> None:
    text = iamdoc.render((KEY, TRACE), {"shop": (CARTS, LIST), "mail": (SEND,), "idle": ()})
    parts = {part.partition("\n")[0]: part for part in text.split("\n## ")}
    assert list(parts)[1:] == [
        "Every function", "The function of idle", "The function of mail", "The function of shop",
    ]  # fmt: skip
    shop = parts["The function of shop"]
    assert "From `lambda/shop/permissions.yaml`." in shop
    assert "| `dynamodb:GetItem` | Carts | the table `carts` | Reads \\| one. | required | Serve nothing. |" in shop
    assert "| `dynamodb:PutItem` | Carts | the table `carts` | Writes. | optional | Be read-only. |" in shop
    assert "- **Carts** on the table `carts`, always. One table." in shop
    assert "- **List** on the index `by-x` of the table `carts`, always. A list." in shop
    assert "- **Send** on the queue `outbox`, always. Letters." in parts["The function of mail"]
    assert "Nothing beyond what every function may" in parts["The function of idle"]
    said = "**Key** on the environment's key, where a customer-managed key encrypts, only through dynamodb and lambda."
    assert said in parts["Every function"]
    assert '**Trace** on everything (`"*"`), where X-Ray is on. No narrower.' in parts["Every function"]
    assert text.endswith("\n")


def test_every_real_permission_is_rendered() -> None:
    services = {name: read_grants(name) for name in service_names()}
    text = iamdoc.render(read_base_grants(), services)
    every = [
        action for grants in (read_base_grants(), *services.values()) for grant in grants for action in grant.actions
    ]
    assert text.count("| required |") + text.count("| optional |") == len(every) > 0
