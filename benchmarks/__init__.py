"""How fast and how small, each figure beside its ceiling. Modules with a `run(scale)` are benchmarks; others help them."""
