"""What the numbers mean: the calendar, the pieces, the time ledger, one file per KPI, and the service that answers.

A question walks straight on: `service_*` (HTTP) -> `answers` -> `record` (what was seen, from the store) -> `ledger`
(every second in one bucket) -> `facts` (one window's sums) -> `definitions/*` (one file per KPI) -> JSON.
"""
