"""Learns how much each class of words, and each pair of neighbours, speaks for a refusal.

Owns: the learning (logistic regression, in whole passes over a fixed order, so that it comes out the same each time) and
writing ``gateway/rules/replies/leaning_table.py``. Does not own: the sentences (tests/vectors) or the use of the table.

    python -m tools.replies.learn                     prints how well it reads what it did not learn from, in five parts
    python -m tools.replies.learn --write             writes the table from all sentences
"""

import argparse
import csv
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from gateway.rules.keywords import classify
from gateway.rules.replies.leaning import THRESHOLD, Feature, evidence, features

_ROOT = Path(__file__).parents[2]
_VECTORS = ("keyword_cases.tsv", "replies_tuning.tsv", "replies_holdout.tsv", "replies_hard.tsv")
TABLE = _ROOT / "gateway" / "rules" / "replies" / "leaning_table.py"
_PASSES = 15
_RATE = 0.2
_DECAY = 0.003
_LEAST_SEEN = 3
_LEAST_WEIGHT = 0.25
_PARTS = 5

Example = tuple[str, bool]
Weights = dict[Feature, float]

_HEAD = '''"""What each class of words, or pair of neighbours, speaks for or against a refusal, in tenths.

Owns: the weights, made by ``python -m tools.replies.learn --write`` from the sentences of tests/vectors: learn anew rather
than edit this. Does not own: adding them up (leaning).
"""

BIAS = {bias}
WEIGHTS: dict[int, str] = {{
'''


def read_examples() -> list[Example]:
    """All sentences that are a refusal or plainly none."""
    found: dict[str, bool] = {}
    for name in _VECTORS:
        with (_ROOT / "tests" / "vectors" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["expected"] in ("opt-out", "none"):
                    found[row["text"].replace("\\n", "\n")] = row["expected"] == "opt-out"
    return sorted(found.items())


def learn(examples: Sequence[Example]) -> tuple[float, Weights]:
    """The bias and the weights that fit the examples."""
    read = [(features(text), refusal) for text, refusal in examples]
    seen = Counter(feature for found, _ in read for feature in found)
    rows = [
        ([feature for feature in sorted(found, key=_spelt) if seen[feature] >= _LEAST_SEEN], refusal)
        for found, refusal in read
    ]
    weights: Weights = {}
    bias = 0.0
    dice = Random(1)  # noqa: S311 - an order, no secret
    for turn in range(_PASSES):
        dice.shuffle(rows)
        rate = _RATE / (1 + 0.7 * turn)
        for found, refusal in rows:
            leaning = bias + sum(weights.get(feature, 0.0) for feature in found)
            step = (refusal - 1 / (1 + math.exp(-max(-30.0, min(30.0, leaning))))) * rate
            bias += step / 10
            for feature in found:
                weight = weights.get(feature, 0.0)
                weights[feature] = weight + step - rate * _DECAY * weight
    return bias, {feature: weight for feature, weight in weights.items() if abs(weight) >= _LEAST_WEIGHT}


def _spelt(feature: Feature) -> str:
    return feature if isinstance(feature, str) else "+".join(feature)


def spell(bias: float, weights: Weights) -> str:
    """The table, as a file of Python."""
    rows: dict[int, list[str]] = {}
    for feature, weight in sorted((_spelt(feature), weight) for feature, weight in weights.items()):
        if round(weight * 10):
            rows.setdefault(round(weight * 10), []).append(feature)
    lines = [_HEAD.format(bias=round(bias * 10))]
    for weight in sorted(rows):
        lines.append(f'    {weight}: """\n')
        line = ""
        for feature in rows[weight]:
            if len(line) + len(feature) > 118:
                lines.append(f"{line.strip()}\n")
                line = ""
            line += f" {feature}"
        lines.append(f'{line.strip()}\n""",\n')
    return "".join([*lines, "}\n"])


def _held_out(examples: Sequence[Example]) -> Iterable[tuple[Example, int]]:
    for part in range(_PARTS):
        bias, weights = learn([one for place, one in enumerate(examples) if place % _PARTS != part])
        rounded = {feature: round(weight * 10) for feature, weight in weights.items()}
        for place, one in enumerate(examples):
            if place % _PARTS == part:
                yield one, evidence(features(one[0]), round(bias * 10), rounded)


def main(arguments: Sequence[str]) -> int:
    """Learn; tell or write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table")
    examples = read_examples()
    if parser.parse_args(arguments).write:
        TABLE.write_text(spell(*learn(examples)), encoding="utf-8")
        return 0
    leanings = list(_held_out(examples))
    for refusal, said in ((True, "of the refusals are caught"), (False, "of the others are")):
        ours = [(text, leaning) for (text, is_refusal), leaning in leanings if is_refusal is refusal]
        alone = sum(leaning > THRESHOLD for _, leaning in ours)
        rest = [leaning for text, leaning in ours if classify(text).rule in ("none", "net.leaning")]
        more = sum(leaning > THRESHOLD for leaning in rest)
        print(f"{alone} of {len(ours)} {said}; {more} of {len(rest)} that no rule speaks of")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
