"""Evals: whether one way of answering is better than another, measured on labelled questions, and a gate on that.

`cases` and `loading` are the questions, `versions` what is measured, `running` measures it, `metrics` and `judge` mark the
answers, `comparing` and `gate` decide, `report` shows; `harvest` and `candidates` make cases of what people said of answers;
`experiments` compares two versions on the people who ask, and `calibration` fits the threshold of refusing.
"""
