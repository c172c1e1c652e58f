"""Explorer: attackers among the users, and rules that distrust updates."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.federated.keywords.runs import Runs
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.verdicts import Verdict, compare

__all__ = ["Attacked", "federated_poison_explorer"]


@dataclass(frozen=True)
class Attacked:
    """Accuracy on all words by rule.

    Attributes
    ----------
    peace, attacked : dict of str to float array (seeds,)
        Without attackers, and with them.
    attack, rule, users : str
    verdict : Verdict or None
        The chosen rule against the mean, under this attack; None for the mean itself.
    """

    peace: dict[str, np.ndarray]
    attacked: dict[str, np.ndarray]
    attack: str
    rule: str
    users: str
    verdict: Verdict | None


class _View:
    """Two bars a rule."""

    def __init__(self, rules: tuple[str, ...]):
        self._rules = list(rules)

    def figure(self) -> go.Figure:
        figure = theme.figure(y="accuracy on all words (%)", legend_rows=2, height_px=440)
        for index, name in enumerate(("nobody attacks", "under the chosen attack")):
            figure.add_bar(x=self._rules, name=name, error_y={"type": "data"}, **theme.bar(index))
        figure.add_scatter(**theme.highlight("chosen rule"))
        return figure.update_layout(barmode="group", yaxis={"range": [0, 80]})

    def update(self, figure: go.Figure, result: Attacked) -> None:
        *bars, here = figure.data
        for bar, values in zip(bars, (result.peace, result.attacked)):
            bar.y = [100 * seeds.mean() for seeds in values.values()]
            bar.error_y.array = [100 * seeds.std(ddof=1) for seeds in values.values()]
        here.x, here.y = [result.rule], [100 * result.attacked[result.rule].mean()]


def _summary(result: Attacked) -> str:
    peace, now = (values[result.rule].mean() for values in (result.peace, result.attacked))
    text = (
        f"{result.rule.capitalize() if result.rule[1].islower() else result.rule}, vocabularies"
        f" {result.users}: {peace:.1%} of all words when nobody attacks, {now:.1%} when"
        f" {result.attack}. Whiskers are a standard deviation over the seeds."
    )
    if result.verdict is None:
        return text
    return f"{text} {result.verdict.sentence('This rule', 'the mean')}"


def federated_poison_explorer(runs: Runs) -> Explorer:
    """Which rule withstands what, and what does it cost in peace?

    Parameters
    ----------
    runs : Runs
        With the group "poison", names "attack | rule", at two alphas.
    """
    names = [name.split(" | ") for name in runs.names("poison")]
    attacks = tuple(dict.fromkeys(attack for attack, _ in names))
    rules = tuple(dict.fromkeys(rule for _, rule in names))
    unlike, alike = runs.alphas("poison")
    users = {f"{unlike:g}": f"unlike (alpha {unlike:g})", f"{alike:g}": "alike"}
    spoken = {attack: _sentence(attack) for attack in attacks[1:]}

    def compute(attack: str, rule: str, alpha: str) -> Attacked:
        peace, attacked = (
            {name: runs.last("poison", f"{kind} | {name}", float(alpha)) for name in rules}
            for kind in (attacks[0], attack)
        )
        verdict = None if rule == rules[0] else compare(attacked[rule], attacked[rules[0]])
        return Attacked(peace, attacked, spoken[attack], rule, users[alpha], verdict)

    controls = [
        Dropdown("attack", "Attack", attacks[1:], attacks[1], tuple(spoken.values())),
        Dropdown("rule", "Rule of the server", rules, rules[0]),
        Dropdown("alpha", "Vocabularies", tuple(users), f"{unlike:g}", tuple(users.values())),
    ]
    return Explorer(
        "Who is an attacker?",
        controls,
        compute,
        _View(rules),
        _summary,
        source=f"measured: features of {runs.model}, voices that nobody learned from, five seeds",
    )


def _sentence(attack: str) -> str:
    """ "10 shift labels" as "10 of 100 users shift all labels by one"."""
    count, *rest = attack.split()
    if rest[0] == "shift":
        return f"{count} of 100 users shift all labels by one"
    return f"{count} of 100 users send their update times {rest[-1]}"
