"""Estimate the monthly cost of a plan, line by line, from stated prices and a stated load. Pure."""

from harness.cost.bill import as_content, as_text
from harness.cost.estimate import Estimate, Line, Prices, estimate, read_prices

__all__ = ["Estimate", "Line", "Prices", "as_content", "as_text", "estimate", "read_prices"]
