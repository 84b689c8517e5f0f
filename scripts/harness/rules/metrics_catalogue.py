"""What AWS emits: the metrics an alarm can be put on, with their dimension sets and useful statistics.

From the AWS documentation, "Amazon API Gateway dimensions and metrics" (REST APIs), "Types of metrics for Lambda
functions", "DynamoDB metrics and dimensions" and "Available CloudWatch metrics for Amazon SQS". Only what its
stacks use; an alarm on anything else is refused until the metric is added here with its source. What services emit
themselves stands in their service.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass

COUNTS = frozenset({"Sum"})
LEVELS = frozenset({"Average", "Maximum", "Minimum"})
TIMES = LEVELS | {"p50", "p90", "p95", "p99", "p99.9"}

_API = (frozenset({"ApiName"}), frozenset({"ApiName", "Stage"}), frozenset({"ApiName", "Method", "Resource", "Stage"}))
_FUNCTION = (frozenset({"FunctionName"}), frozenset({"FunctionName", "Resource"}))
_TABLE = frozenset({"TableName"})
_INDEX = frozenset({"GlobalSecondaryIndexName", "TableName"})
_QUEUE = frozenset({"QueueName"})
_OPERATION = frozenset({"Operation", "TableName"})

TABLE_OPERATIONS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "GetRecords",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
"""Values of DynamoDB's ``Operation`` dimension."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as AWS emits it.

    Attributes:
        dimensions: every set of dimensions it is emitted with; a subset or superset finds no data.
        statistics: those that mean something for it.
    """

    dimensions: tuple[frozenset[str], ...]
    statistics: frozenset[str]


_REQUEST_ERRORS = Metric(_API, COUNTS | {"Average"})
_THROTTLES = Metric((_TABLE, _INDEX), COUNTS)
"""Throttled reads or writes: of a table under TableName alone, of one of its indexes under both names only. The ones
with a cause in their name count part of ReadThrottleEvents or WriteThrottleEvents. AWS's list gives
WriteAccountLimitThrottleEvents no index."""
CATALOGUE: Mapping[tuple[str, str], Metric] = {
    ("AWS/ApiGateway", "4XXError"): _REQUEST_ERRORS,
    ("AWS/ApiGateway", "5XXError"): _REQUEST_ERRORS,
    ("AWS/ApiGateway", "Count"): Metric(_API, COUNTS | {"SampleCount"}),
    ("AWS/ApiGateway", "IntegrationLatency"): Metric(_API, TIMES),
    ("AWS/ApiGateway", "Latency"): Metric(_API, TIMES),
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits"): Metric((_TABLE, _INDEX), COUNTS | LEVELS),
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"): Metric((_TABLE, _INDEX), COUNTS | LEVELS),
    ("AWS/DynamoDB", "ReadAccountLimitThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "ReadKeyRangeThroughputThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "ReadMaxOnDemandThroughputThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "ReadProvisionedThroughputThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "ReadThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "SuccessfulRequestLatency"): Metric((_OPERATION,), TIMES),
    ("AWS/DynamoDB", "SystemErrors"): Metric((_OPERATION,), COUNTS),
    ("AWS/DynamoDB", "ThrottledRequests"): Metric((_OPERATION,), COUNTS),
    ("AWS/DynamoDB", "UserErrors"): Metric((frozenset(),), COUNTS),
    ("AWS/DynamoDB", "WriteAccountLimitThrottleEvents"): Metric((_TABLE,), COUNTS),
    ("AWS/DynamoDB", "WriteKeyRangeThroughputThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "WriteMaxOnDemandThroughputThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "WriteProvisionedThroughputThrottleEvents"): _THROTTLES,
    ("AWS/DynamoDB", "WriteThrottleEvents"): _THROTTLES,
    ("AWS/Lambda", "ConcurrentExecutions"): Metric((frozenset(), *_FUNCTION), frozenset({"Maximum"})),
    ("AWS/Lambda", "Duration"): Metric(_FUNCTION, TIMES),
    ("AWS/Lambda", "Errors"): Metric(_FUNCTION, COUNTS),
    ("AWS/Lambda", "Invocations"): Metric(_FUNCTION, COUNTS),
    ("AWS/Lambda", "Throttles"): Metric(_FUNCTION, COUNTS),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): Metric((_QUEUE,), LEVELS),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): Metric((_QUEUE,), LEVELS | COUNTS),
}
