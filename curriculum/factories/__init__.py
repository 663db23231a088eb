"""Virtual factories to hunt in (curriculum 7.6): planted problems, traps that teach doubt, and an answer book for each.

    curriculum.factories.book          what a factory's file says: story, problems, improvements, traps, right answers
    curriculum.factories.day           one day of its floor, as planned: improvement, trap, hours, lots
    curriculum.factories.life          such a day lived through by the kit's own agents
    curriculum.factories.directory     a data directory with days before and after, made by `kojo factory`
    curriculum.factories.watching      what one sees standing there with a stopwatch (sheet S4)
    curriculum.factories.figures       the book's figures from the truth; `expected` writes them
    curriculum.factories.asking        the kit's evaluation of a directory
    curriculum.factories.notes         what a team wrote down, and what is right of it
    curriculum.factories.pages         the answer book to read and to print

Everything here is virtual data (仮想データ).
"""
