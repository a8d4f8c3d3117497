"""What a query in PromQL asks for, by Prometheus' own grammar."""

from __future__ import annotations

import promql_parser


def selectors(expr: str) -> list[promql_parser.VectorSelector]:
    """Every selector in it; raises ValueError where it is not PromQL."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)
        elif isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(expr), visit)
    return found
