"""How fast and how small, each figure beside its ceiling. A module with `run(scale)` is one benchmark; the others help."""
