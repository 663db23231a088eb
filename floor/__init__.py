"""The virtual shop floor: people and machines that move the bench's pins and ports the way a real floor would.

    hall = floor.hall.Hall          the time that runs, the wires to the benches, the truth
    floor.post.Post                 one station: its people, its wires, why it stands
    floor.contact, floor.scale      what is electrically there: bouncing contacts, a scale that prints
    floor.people, floor.shifts      who is there, and how fast
    floor.troubles, floor.stock     what goes wrong; what lies between the stations
    floor.models, floor.gauges, floor.readers    what sensors of buses and ports look at: temperatures, currents, codes
    floor.truth, floor.gaps         what really happened, and what of it can be seen from the pieces
    floor.traps                     what deceives a sensor on purpose
    floor.circumstances             what else is different about a day: slower, more scrap, somebody elsewhere

    floor.shop, floor.maker         what all floors, and all stations that make something, have alike

A floor is one file made of these parts: `floor/washing.py`, `press.py`, `lathe.py`, `handwork.py`, `cold_store.py`,
`visits.py`; `floor/fitting.py` says which of them fits a line. SimPy is imported in this room only, and its
time is whole nanoseconds since 1970 UTC, so the same seed gives the same floor to the nanosecond.
"""
