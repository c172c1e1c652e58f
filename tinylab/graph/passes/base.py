"""What a pass is, and what applying passes gives."""

from dataclasses import dataclass
from typing import Protocol

from tinylab.graph.core.ir import Graph


class Pass(Protocol):
    """One rewriting rule."""

    @property
    def name(self) -> str:
        """What it does, in a few words."""

    @property
    def unsafe(self) -> str:
        """When it would change the result, and what `match` does about it."""

    def match(self, graph: Graph, index: int) -> bool:
        """Whether the rule applies to operator `index` and keeps the result."""

    def transform(self, graph: Graph, index: int) -> Graph:
        """The graph after applying the rule to operator `index`, which matched."""


@dataclass(frozen=True)
class Applied:
    """One application of a pass: its name, and the operator it replaced."""

    name: str
    kind: str
    tensor: str


@dataclass(frozen=True, eq=False)
class PassResult:
    """The rewritten graph and the log of what was done to it."""

    graph: Graph
    applied: tuple[Applied, ...]
