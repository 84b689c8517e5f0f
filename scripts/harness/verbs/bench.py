"""``make bench``: what the fast ways cost beside what they replace; ``ARGS`` names one comparison."""

from harness.base.options import Options
from harness.base.progress import say
from harness.bundle.archive import build_bundle
from harness.lab.bench.benchmark import bench
from harness.lab.bench.published import machine


def run(options: Options) -> int:
    """Measure and print; 1 when a promised ratio is missed.

    Raises:
        HarnessError: ARGS names no comparison, or something that is measured failed.
    """
    build_bundle()
    results = bench(options.arguments.strip())
    print(f"ratio of seconds, our way by the usual way, median of pairs; {machine()}")
    for one in results:
        promised = one.comparison.most
        kept = "" if promised is None else f"promised <= {promised:.2f}{'' if one.kept else ': MISSED'}"
        seconds = f"{one.ours.median:8.2f} s /{one.usual.median:8.2f} s"
        print(f"  {one.comparison.name:<52} {one.ratio.median:6.3f} {seconds}  {kept}".rstrip())
    missed = [one.comparison.name for one in results if not one.kept]
    if missed:
        say(f"missed: {', '.join(missed)}; on a busy machine try again, then see docs/performance.md")
    return 1 if missed else 0
