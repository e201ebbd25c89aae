"""How a unit is told: one file a way, all behind the same interface."""
