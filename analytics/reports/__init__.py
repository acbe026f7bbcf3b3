"""The report for whoever leads the team: a DOCX of a period, whose first page is enough.

`facts` reads what is known through `analytics.queries`. The rest is pure: `sentences` says it, `charts` draws it, `document`
puts it on pages; `phrases`, `numbers` and `dates` speak Russian and English. Only masked texts come in, and no link but those
to messages.
"""
