"""Estimate the monthly cost of a plan, line by line, from stated prices and a stated load. Pure."""

from pathlib import Path

from harness.cost.bill import as_content, as_text
from harness.cost.estimate import Estimate, Line, Prices, estimate, estimate_now, read_prices

PRICES = Path(__file__).with_name("prices.yaml")

__all__ = ["PRICES", "Estimate", "Line", "Prices", "as_content", "as_text", "estimate", "estimate_now", "read_prices"]
