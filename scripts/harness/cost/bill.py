"""The estimate for people and for scripts. Pure."""

from dataclasses import asdict

import msgspec

from harness.cost.estimate import Estimate, Prices
from harness.facts import Load


def as_text(found: Estimate, prices: Prices, load: Load | None, title: str) -> str:
    """Write one line for every kind of thing billed, the dearest first; then what was assumed; ends in a line break."""
    rows = sorted(found.by_price().items(), key=lambda item: -sum(line.usd for line in item[1]))
    out = [f"{title}: about {found.total():.2f} USD a month, {found.total(fixed=True):.2f} of it without any request"]
    for (address, name), lines in rows:
        price = prices.prices[name]
        usd, quantity = sum(line.usd for line in lines), sum(line.quantity for line in lines)
        rate = f"{price.usd:.10g} per {price.per:,.10g}" if price.per != 1 else f"{price.usd:.10g}"
        out.append(f"  {usd:10.2f}  {figure(quantity):>14} {price.unit:<22} at {rate:<20} {address}")
    out.append(f"prices: {prices.region}, {prices.as_of}, no free tier, no tax, not verified: see prices.yaml")
    out.append(_assumed(prices, load))
    if found.unpriced:
        out.append(f"not priced, so the total is too low: {', '.join(found.unpriced)}")
    return "\n".join(out) + "\n"


def _assumed(prices: Prices, load: Load | None) -> str:
    if load is None:
        return "assumed: nothing of its use, so only what costs without any request; state its load in blueprint.yaml"
    return (
        f"assumed: {load.requests_per_month:,.0f} requests a month, {load.stored_gb:g} GB stored (blueprint.yaml),"
        f" shared evenly; {prices.assumed.duration_ms:g} ms a request (scripts/harness/cost/prices.yaml)"
    )


def as_content(found: Estimate, prices: Prices, load: Load | None) -> dict[str, object]:
    """Return the estimate as JSON: every line, and all that it rests on."""
    return {
        "usd_a_month": {
            "total": round(found.total(), 2),
            "fixed": round(found.total(fixed=True), 2),
            "traffic": round(found.total(fixed=False), 2),
        },
        "lines": [asdict(line) for line in found.lines],
        "unpriced": list(found.unpriced),
        "prices_as_of": prices.as_of,
        "region": prices.region,
        "load": None if load is None else msgspec.structs.asdict(load),
        "assumed": asdict(prices.assumed),
    }


def figure(quantity: float) -> str:
    """Write a quantity as a person reads it: three digits of small ones, none of large ones."""
    text = f"{quantity:,.3f}" if quantity < 100 else f"{quantity:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
