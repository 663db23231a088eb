"""The sheets of the four courses: printed on A4, and as a file that the kit reads."""
