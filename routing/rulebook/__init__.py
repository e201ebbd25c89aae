"""Who must act: the Plan, the units, the rules, and the Decision they lead to."""
