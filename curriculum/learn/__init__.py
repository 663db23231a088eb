"""``kojo learn``: the lessons in the terminal and in the browser."""
