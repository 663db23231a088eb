"""Faults of every kind against real processes; what is asserted is loss and doubles. Run by ``make faults``."""
