"""Where the worked examples of the KPI files were published; what begins with "ours" is ours."""

OEE_COM = "Vorne, oee.com, Calculating OEE (the worked example)"
"""8 h, 60 min of breaks, 47 min down, ideal 1.0 s, 19,271 pieces, 423 bad: 88.81 %, 86.11 %, 97.80 %, 74.79 %."""

NAKAJIMA = "Nakajima 1988, Introduction to TPM, Productivity Press (the OEE example)"
"""Loading 460 min, down 60, ideal 0.5 min, really 0.8, 400 pieces, 98 % good: 87 %, 50 %, 42.6 %."""

FIRST_PASS = "Wikipedia, First-pass yield (process A, with rework)"

FAILURES = "Atlassian, MTBF, MTTR, MTTA, and MTTF (incident metrics)"
"""24 h with two hours down in two failures: MTBF 22 / 2 = 11 h."""

WORKED_DAY = "ours: the worked day of docs/kpi.md, one day, five rates"
