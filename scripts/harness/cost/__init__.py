"""What a plan costs a month, line by line, with prices and a load that are stated. Pure."""

from harness.cost.bill import as_content, as_text
from harness.cost.estimate import Estimate, Line, Prices, estimate, read_prices

__all__ = ["Estimate", "Line", "Prices", "as_content", "as_text", "estimate", "read_prices"]
