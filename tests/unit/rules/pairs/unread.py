"""Policies of which a plan shows nothing, or a part: that is a finding, and what can be read of them is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import structs
from tests.support.builder import Res, plan, policy
from tests.support.pairs import BASE_GRANTS, LAX, SHOP, SOURCES, Pair, grant
from tests.unit.rules.pairs import alarms, capacity, protection, wiring
from tests.unit.rules.pairs.blocks import (
    ALLOWED,
    CARTS,
    LETTERS,
    MAILS,
    RIGHTS,
    SHOPS,
    grants,
    pair,
    permission,
    role,
)
from tests.unit.rules.pairs.privilege import (
    DECRYPT,
    FUNCTION,
    GOOD,
    KEY,
    KEY_DOCUMENT,
    KEY_POLICY,
    KEY_READ,
    ROLE,
    SCOPED,
    TABLE,
)

from harness.plan import UNKNOWN

DATA = "data.aws_iam_policy_document.this"
MADE = [f"{DATA}.json", DATA]
OTHER = Res("aws_iam_role.other", {"name": "other", "arn": UNKNOWN, "assume_role_policy": policy({
    "Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"})})  # fmt: skip
OF_OTHER = {"references": ["aws_iam_role.other.arn", "aws_iam_role.other"]}
OPAQUE = {"references": ["local.arns"]}


def source(*statements: dict[str, Any], written: Any = ..., **values: Any) -> Res:
    """The data source that a policy is made from; ``written``: its statements in the configuration."""
    known = {"statement": list(statements), "json": UNKNOWN, **values}
    return Res(DATA, known, action="read", written={"statement": written})


def statement(identifiers: Any, kind: str = "AWS", **values: Any) -> dict[str, Any]:
    principals = [{"type": kind, "identifiers": identifiers}]
    return {"sid": "One", "effect": None, "actions": ["sns:Publish"], "resources": ["*"], "principals": principals,
            "condition": [], **values}  # fmt: skip


def condition(values: Any, key: str = "aws:SourceArn", test: str = "ArnLike") -> list[dict[str, Any]]:
    return [{"test": test, "variable": key, "values": values}]


def written(identifiers: Any = None, values: Any = None) -> list[dict[str, Any]]:
    """A statement block as the configuration has it."""
    block = {"principals": [{"type": {"constant_value": "AWS"}, "identifiers": identifiers or {"constant_value": []}}]}
    return [block | ({"condition": [{"values": values}]} if values else {})]


TOPIC = Res("aws_sns_topic.t", {"name": "api-t-copy", "arn": UNKNOWN})
HELD = Res("aws_sns_topic_policy.t", {"arn": UNKNOWN, "policy": UNKNOWN},
           refs={"policy": MADE, "arn": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]})  # fmt: skip
ENCODED = Res("aws_sns_topic_policy.t", {"policy": UNKNOWN}, refs={"policy": ["aws_iam_role.other.arn"]})
CERTAIN = source(statement([UNKNOWN]), written=written(OF_OTHER))


def held(way: str, says: str, broken: Res, mended: Res = CERTAIN) -> Pair:
    others = (TOPIC, OTHER, HELD)
    return pair("resource-policies", way, says, (*others, broken), (*others, mended), environment=LAX)


def guard(way: str, conditions: Any, mended: Any = None) -> Pair:
    """A condition that does not say on whose behalf a service calls."""
    found = {**SCOPED, "Condition": conditions}
    right = {**SCOPED, "Condition": mended or {"StringEquals": {"AWS:sourceaccount": "123456789012"}}}
    broken, whole = (plan(KEY.but(policy=policy(one))) for one in (found, right))
    return Pair("resource-policies", f"no-guard-{way}", broken, whole, "for any account; say whose")


ACCOUNT, SOURCE = {"aws:SourceAccount": "123456789012"}, "arn:aws:sns:eu-west-1:{}:x"
ABSENT = "ForAllValues:StringEquals"
GUARDS = (
    guard("secure-transport", {"Bool": {"aws:SecureTransport": "true"}}),
    guard("negated", {"StringNotEquals": ACCOUNT}),
    guard("if-exists", {"StringEqualsIfExists": ACCOUNT},
          {"StringEqualsIfExists": ACCOUNT, "Null": {"AWS:SourceAccount": "false"}}),
    guard("all-values", {ABSENT: ACCOUNT}, {ABSENT: ACCOUNT, "Null": {"aws:sourceaccount": ["false"]}}),
    guard("null-alone", {"Null": {"aws:SourceAccount": "false"}}),
    guard("null-true", {"StringEqualsIfExists": ACCOUNT, "Null": {"aws:SourceAccount": "true"}}),
    guard("any-account", {"StringLike": {"aws:SourceAccount": "*"}}),
    guard("one-of-them", {"StringLike": {"aws:SourceAccount": ["123456789012", "*"]}}),
    guard("no-value", {"StringLike": {"aws:SourceAccount": []}}),
    guard("any-source", {"ArnLike": {"aws:SourceArn": SOURCE.format("*")}},
          {"ArnLike": {"aws:SourceArn": SOURCE.format("1")}}),
    guard("no-arn", {"ArnLike": {"aws:SourceArn": "*"}}, {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::mine"}}),
    guard("any-bucket", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
          {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::mine/*"}}),
    guard("other-context", {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "*"}},
          {"ArnLike": {"KMS:EncryptionContext:aws:logs:arn": "arn:aws:logs:r:1:log-group:x"}}),
    guard("any-organisation", {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "*"}},
          {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-abc/*"}}),
    guard("no-operator", {"StringIs": ACCOUNT}, {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
    guard("malformed", "x"),
)  # fmt: skip


def open_to(way: str, says: str, broken: dict[str, Any], mended: dict[str, Any]) -> Pair:
    """A statement about principals of a key's policy."""
    whole = ({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **one} for one in (broken, mended))
    judged = (plan(KEY.but(policy=policy(one))) for one in whole)
    return Pair("resource-policies", way, next(judged), next(judged), says)


ALL, ORGANISATION = {"Principal": "*"}, {"StringEquals": {"AWS:PrincipalOrgId": "o-abc"}}
PRINCIPALS = (
    open_to("not-principal", "is no plain Allow: NotPrincipal", {"NotPrincipal": {"AWS": "x"}}, {"Principal": "x"}),
    open_to("anybody-over-tls", "lets anybody in", {**ALL, "Condition": {"Bool": {"aws:SecureTransport": True}}},
            {**ALL, "Condition": ORGANISATION}),
    open_to("anybody-if-exists", "lets anybody in",
            {**ALL, "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}},
            {**ALL, "Condition": ORGANISATION}),
    open_to("anybody-denied", "lets anybody in", ALL, {**ALL, "Effect": "Deny"}),
)  # fmt: skip


def elsewhere(kind: str, attribute: str, service: str) -> Pair:
    """A policy that lets anybody in, of a type without a rule of its own."""
    good, bad = (policy({"Effect": "Allow", "Principal": one, "Action": f"{service}:Get", "Resource": "*"})
                 for one in ("123456789012", "*"))  # fmt: skip
    right, wrong = (plan(Res(f"{kind}.x", {attribute: one})) for one in (good, bad))
    return Pair("resource-policies", f"of-{kind}", wrong, right, "lets anybody in")


UNREADABLE = "nothing shows whom its policy lets in: it is unknown until apply"
DOCUMENTS = (
    held("anybody-beside-an-arn", "statement One lets anybody in", source(statement(["*", UNKNOWN]))),
    held("principal-unread", "shows nothing of its Principal", source(statement([UNKNOWN]))),
    held("principal-opaque", "shows nothing of its Principal", source(statement([UNKNOWN]), written=written(OPAQUE))),
    held("one-block-dynamic", "shows nothing of its Principal",
         source(statement([UNKNOWN]), statement([UNKNOWN]), written=written(OF_OTHER))),
    held("one-principal-dynamic", "shows nothing of its Principal",
         source({**statement([]), "principals": statement([UNKNOWN])["principals"] * 2}, written=written(OF_OTHER))),
    held("principals-unread", "shows nothing of its Principal", source({**statement([]), "principals": [UNKNOWN]})),
    held("effect-default", "lets anybody in", source(statement(["*"])), source(statement(["*"], effect="Deny"))),
    held("effect-unread", "shows nothing of its Effect", source(statement(["x"], effect=UNKNOWN)),
         source(statement(["x"], effect="Allow"))),
    held("action-unread", "shows nothing of its Action", source(statement(["x"], actions=UNKNOWN)),
         source(statement(["x"]))),
    held("condition-unread", "shows nothing of its Condition",
         source(statement(["s.amazonaws.com"], "Service", condition=condition([UNKNOWN]))),
         source(statement(["s.amazonaws.com"], "Service", condition=condition([UNKNOWN])),
                written=written(values=OF_OTHER))),
    held("without-guard", "trusts s.amazonaws.com for any account",
         source(statement(["s.amazonaws.com"], "Service",
                          condition=condition(["true"], "aws:SecureTransport", "Bool"))),
         source(statement(["s.amazonaws.com"], "Service", condition=condition([SOURCE.format("1")])))),
    held("not-action", "is no plain Allow: NotAction", source(statement(["x"], not_actions=["sns:Publish"])),
         source(statement(["x"]))),
    held("not-principals", "is no plain Allow: NotPrincipal",
         source(statement(["x"], not_principals=[{"type": "AWS", "identifiers": ["x"]}])), source(statement(["x"]))),
    held("statements-unread", "has statements that are unknown", source(statement=UNKNOWN)),
    held("joined", "lets anybody in", source(statement(["x"]), source_policy_documents=[policy(
        {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"})])),
    held("joined-unread", "takes statements from override_policy_documents",
         source(statement(["x"]), override_policy_documents=[UNKNOWN])),
    pair("resource-policies", "encoded", UNREADABLE, (TOPIC, OTHER, ENCODED), (TOPIC, OTHER, HELD, CERTAIN)),
    pair("resource-policies", "source-gone", UNREADABLE, (TOPIC, OTHER, HELD), (TOPIC, OTHER, HELD, CERTAIN)),
    pair("resource-policies", "changed-text", UNREADABLE,
         (TOPIC, OTHER, replace(HELD, refs={"policy": [*MADE, "aws_iam_role.other.arn"]}), CERTAIN),
         (TOPIC, OTHER, HELD, CERTAIN)),
    pair("resource-policies", "no-document", "is no policy document",
         (TOPIC.but(policy='{"Statement": 1}'),), (TOPIC,)),
    elsewhere("aws_s3_bucket_policy", "policy", "s3"),
    elsewhere("aws_opensearch_domain_policy", "access_policies", "es"),
    elsewhere("aws_cloudwatch_log_resource_policy", "policy_document", "logs"),
    elsewhere("aws_secretsmanager_secret_policy", "policy", "secretsmanager"),
    Pair("resource-policies", "no-resource-policies", plan(KEY.but(policy=policy({**SCOPED, "Principal": "*"}))),
         plan(Res("aws_ecr_lifecycle_policy.x", {"policy": '{"rules": []}'}),
              Res("aws_iam_policy.x", {"policy": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "x"})}),
              Res("aws_vpc_endpoint.x", {"policy": policy({**SCOPED, "Principal": "*"})})), "lets anybody in"),
)  # fmt: skip

READ = (*RIGHTS, SHOPS, MAILS)
TRUST = source(statement([UNKNOWN], actions=["sts:AssumeRole"], resources=None), written=written(OF_OTHER))
TRUSTED = replace(role("post").but(assume_role_policy=UNKNOWN), refs={"assume_role_policy": MADE})
NEW = (FUNCTION, TABLE, ROLE, GOOD, KEY)


def decrypts(way: str, says: str, *, key: Res = KEY, **changes: Any) -> Pair:
    """The statement on the key, in the plan that makes the key."""
    broken = KEY_DOCUMENT.but(statement=[{**DECRYPT, **changes}])
    right = (*NEW, KEY_DOCUMENT, KEY_READ)
    return pair("least-privilege", way, says, (*NEW[:-1], key, broken, KEY_READ), right)


def granted(way: str, resource: str, actions: list[str], written: Any, right: list[Any]) -> Pair:
    """An unknown resource of a statement that is not about keys alone."""
    sources = replace(SOURCES, base_grants=(*BASE_GRANTS[:1], grant("Decrypt", resource, actions[0]), *BASE_GRANTS[2:]))
    broken = KEY_DOCUMENT.but(statement=[{**DECRYPT, "actions": actions}])
    mended = replace(KEY_DOCUMENT.but(statement=[{**DECRYPT, "actions": actions, "resources": right}]),
                     written={"statement": written})  # fmt: skip
    return pair("least-privilege", way, "its Resource is unknown until apply",
                (*NEW, broken, KEY_READ), (*NEW, mended, KEY_READ), sources=sources)  # fmt: skip


OF_KEY = [{"resources": {"references": ["aws_kms_key.this.arn", "aws_kms_key.this"]}}]
ROLES = (
    pair("least-privilege", "trust-in-part", "Principal of statement One in its assume_role_policy is unknown",
         (*READ, OTHER, TRUSTED, source(statement([UNKNOWN]))), (*READ, OTHER, TRUSTED, TRUST)),
    pair("least-privilege", "trust-unread", "its assume_role_policy cannot be read: nothing shows who may assume it",
         (OTHER, TRUSTED), (OTHER, TRUSTED, TRUST)),
    pair("least-privilege", "trust-by-anybody-in-part", "anybody may assume it",
         (OTHER, TRUSTED, source(statement(["*", UNKNOWN]))), (OTHER, TRUSTED, TRUST)),
    pair("least-privilege", "trust-but-one", "anybody may assume it",
         (role("post").but(assume_role_policy=policy({"Effect": "Allow", "NotPrincipal": {"AWS": "x"}})),),
         (role("post").but(assume_role_policy=policy({"Effect": "Allow", **ALL, "Condition": ORGANISATION})),)),
    pair("least-privilege", "no-trust", "it is not set", (role("post").but(assume_role_policy=None),), (OTHER,)),
    pair("least-privilege", "loose-policy-without-function", "its role is none of this plan",
         (CARTS, grants("post")), (CARTS, LETTERS)),
    pair("least-privilege", "inline-unread", "sets inline_policy itself",
         (*RIGHTS[:-1], role("mail").but(inline_policy=UNKNOWN), SHOPS, MAILS), READ),
    pair("least-privilege", "key-policy-unread", "its policy cannot be read from the plan", (*NEW, KEY_POLICY),
         (*NEW, KEY_DOCUMENT, KEY_READ)),
    decrypts("key-action", "kms:Encrypt has no reason", actions=["kms:Decrypt", "kms:Encrypt"]),
    decrypts("key-sid", "has no reason", sid="More"),
    decrypts("key-resource", "* is no key of this plan", resources=["*"]),
    decrypts("key-known", "its Resource is unknown until apply", key=KEY.but(arn="arn:aws:kms:r:1:key/a")),
    decrypts("key-known-resource", "<unknown> is no key of this plan", key=KEY.but(arn="arn:aws:kms:r:1:key/a")),
    granted("no-key-action", "key", ["s3:GetObject"], OF_KEY, [UNKNOWN]),
    granted("no-key-grant", "any", ["kms:Decrypt"], ..., ["*"]),
    decrypts("key-action-unread", "its Action is unknown", actions=[UNKNOWN]),
    pair("least-privilege", "of-another-key", "is no key of this plan",
         (*NEW, replace(KEY_DOCUMENT, written={"statement": [{"resources": OF_OTHER}]}), KEY_READ, OTHER),
         (*NEW, replace(KEY_DOCUMENT, written={"statement": [{"resources": {"references": ["aws_kms_key.this.arn"]}}]}),
          KEY_READ, OTHER)),
    pair("permission-scope", "second-without-source", "source_arn None is wider",
         (*ALLOWED, permission("shop", key="second", source_arn=None)), ALLOWED),
)  # fmt: skip

# The topic, its policy apart from it, and what may be said there.
BARE = alarms.TOPIC.but(arn=alarms.TOPIC_ARN, policy=...)
PUBLISHES = alarms.publishing()
DENIES = {**PUBLISHES, "Effect": "Deny", "Principal": "*"}
EXCEPT = {**DENIES, "Condition": {"StringNotEquals": {"AWS:SOURCEACCOUNT": "123456789012"}}}


def apart(*statements: dict[str, Any], **values: Any) -> Res:
    known = {"arn": alarms.TOPIC_ARN, "policy": policy(*statements), **values}
    return Res("aws_sns_topic_policy.this", known, refs={"policy": MADE})


def heard(way: str, says: str, *broken: Res, mended: tuple[Res, ...] = (BARE, apart(PUBLISHES))) -> Pair:
    both = (plan(alarms.FUNCTION, alarms.ALARM, *one) for one in (broken, mended))
    return Pair("alarm-liveness", way, next(both), next(both), says)


def conditional(way: str, conditions: dict[str, Any], mended: dict[str, Any]) -> Pair:
    right = (BARE, apart({**PUBLISHES, "Condition": mended}))
    return heard(f"condition-{way}", "conditions keep the alarm errors-copy from publishing",
                 BARE, apart({**PUBLISHES, "Condition": conditions}), mended=right)  # fmt: skip


OURS, THEIRS = {"aws:SourceArn": f"{alarms.PLACE}:alarm:*-copy"}, {"aws:SourceArn": f"{alarms.PLACE}:alarm:*-other"}
KEYED = BARE.but(kms_master_key_id=UNKNOWN)
USES = alarms.publishing(Action=["KMS:decrypt", "kms:generatedatakey*"], Resource="*")
KEY_BARE = Res("aws_kms_key.this", {"key_id": "k"})


def of_key(*statements: dict[str, Any]) -> Res:
    return Res("aws_kms_key_policy.this", {"key_id": "k", "policy": policy(*statements)})


SIGNALS = (
    heard("topic-policy-apart", "does not let cloudwatch.amazonaws.com do sns:Publish",
          BARE, apart({**PUBLISHES, "Action": "sns:Subscribe"})),
    heard("topic-policy-unread", "nothing shows that its policy lets cloudwatch.amazonaws.com publish",
          BARE, apart(policy=UNKNOWN)),
    heard("topic-policy-denies", "conditions keep the alarm errors-copy", BARE, apart(PUBLISHES, DENIES),
          mended=(BARE, apart(PUBLISHES, EXCEPT))),
    heard("topic-policy-denies-all-others", "conditions keep the alarm errors-copy",
          BARE, apart(PUBLISHES, {**EXCEPT, "Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}),
          mended=(BARE, apart(PUBLISHES, EXCEPT, {**DENIES, "Condition": {"Bool": {"aws:SecureTransport": False}}}))),
    heard("topic-policy-denies-nobody-else", "conditions keep the alarm", BARE, apart(PUBLISHES, DENIES),
          mended=(BARE, apart(PUBLISHES, {**DENIES, "Principal": {"AWS": "x"}},
                              {**DENIES, "Action": "sns:Subscribe"}))),
    conditional("of-the-other-name", {"ArnLike": {"AWS:sourcearn": THEIRS["aws:SourceArn"]}},
                {"ArnLike": {"AWS:sourcearn": OURS["aws:SourceArn"]}}),
    conditional("equal-is-not-like", {"StringEquals": OURS}, {"StringLike": OURS}),
    conditional("negated", {"ArnNotLike": OURS}, {"ArnNotLike": THEIRS}),
    conditional("over-tls", {"Bool": {"aws:SecureTransport": "false"}}, {"Bool": {"aws:SecureTransport": "true"}}),
    conditional("absent", {"StringEquals": {"aws:PrincipalOrgID": "o-a"}},
                {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}}),
    conditional("unknown-operator", {"StringIs": OURS}, {"StringLike": OURS}),
    conditional("other-account", {"ArnLike": OURS, "StringEquals": {"aws:SourceAccount": "1"}},
                {"StringEquals": {"aws:SourceAccount": "1"}}),
    heard("key-policy-apart", "does not let cloudwatch.amazonaws.com do kms:Decrypt", KEYED, KEY_BARE,
          of_key(PUBLISHES), mended=(KEYED, KEY_BARE, of_key(USES))),
    heard("key-policy-none", "is AWS's own, which lets in this account alone", KEYED, KEY_BARE,
          mended=(KEYED, KEY_BARE, of_key(USES))),
)  # fmt: skip

PREFIXED = Res("aws_cloudwatch_log_group.x", {"name": UNKNOWN})
EXECUTION = Res("aws_cloudwatch_log_group.x", {"name": UNKNOWN}, refs={"name": ["aws_api_gateway_rest_api.this.id"]})
FINDS = replace(SOURCES, services={"shop": structs.replace(SHOP, environment={"INDEX": "index:carts/by-x"})})


def indexed(value: Any) -> tuple[Res, ...]:
    variables = {**wiring.VARIABLES, "INDEX": value}
    return (TABLE, wiring.FUNCTION.but(environment=[{"variables": variables}]))


VALUES = (
    pair("table-wiring", "index-unread", "INDEX is <unknown until apply>, which is no index",
         indexed(UNKNOWN), indexed("by-x"), sources=FINDS),
    pair("permission-scope", "verb-unread", "is <unknown until apply>: methods that no contract names",
         (*wiring.LIVE, wiring.METHOD.but(http_method=UNKNOWN)), (*wiring.LIVE, wiring.METHOD)),
    pair("permission-scope", "path-unread", "which no contract names: <unknown until apply>",
         (*wiring.LIVE, wiring.PATH.but(path_part=UNKNOWN)), (*wiring.LIVE, wiring.PATH)),
    pair("permission-scope", "type-unread", "no Lambda permission for api-shop-copy with qualifier live",
         (*wiring.LIVE[:3], wiring.PROXY.but(type=UNKNOWN)), (*wiring.LIVE[:3], wiring.PROXY.but(type="MOCK"))),
    pair("capacity-coherence", "indexes-unread", "its indexes are <unknown until apply>",
         (capacity.SETTINGS, capacity.TABLE.but(global_secondary_index=UNKNOWN)), (capacity.SETTINGS, capacity.TABLE)),
    pair("retention", "access-log-unread", "no access_log_settings",
         (protection.STAGE.but(access_log_settings=UNKNOWN), protection.EXECUTION, protection.API),
         (protection.STAGE, protection.EXECUTION, protection.API)),
    pair("suffix", "log-group-with-a-prefix", "its suffix cannot be seen", (wiring.API.but(name="api-copy"), PREFIXED),
         (wiring.API.but(name="api-copy"), EXECUTION)),
)  # fmt: skip

PAIRS = (*VALUES, *GUARDS, *PRINCIPALS, *DOCUMENTS, *ROLES, *SIGNALS)
