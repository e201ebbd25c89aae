"""What an operator may change without a programmer: the rule tables, and the frozen settings of a process."""
