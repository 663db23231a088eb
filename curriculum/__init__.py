"""The courses: lessons that check themselves, sheets, virtual factories, what a facilitator needs."""
