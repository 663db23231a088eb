"""A4 pages to print: the end of a shift, a month, an evaluation.

What the service answers goes in as dictionaries, HTML comes out: no file, no network, no clock, no script. Every text
is escaped (`kpi.report.markup`); pictures are SVG in black and white.
"""
