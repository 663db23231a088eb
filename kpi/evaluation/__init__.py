"""Did it help? Days before and after, compared with the same sensor, the same formula and the *before* ideal.

    kpi.evaluation.asking        the question: two windows that can be compared
    kpi.evaluation.paths         which figure, in what unit, which way is better
    kpi.evaluation.days          a business day's value, or why the day drops out
    kpi.evaluation.judgement     difference, interval, rank test, verdict
    kpi.evaluation.doubts        what a TPS manager would ask: drift, product mix, missing days, settings, sensors
    kpi.evaluation.money         創出時間 (hours) apart from 実効果 (what the host ticks)
    kpi.evaluation.registered    what was written down beforehand
    kpi.evaluation.statement     the words, in Japanese and English
    kpi.evaluation.worse         what else moved: figures that got worse, the line's output, the next bottleneck
    kpi.evaluation.answer        all of it together; kpi.evaluation.body is its JSON

Source: contract section 5, "Evaluation"; docs/decisions/evaluation.md.
"""
