"""How fast and how small, each figure beside its ceiling: modules with a `run(scale)`, and what helps them."""
