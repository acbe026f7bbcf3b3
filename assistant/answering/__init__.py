"""From a question to an answer with its sources: understand → retrieve → weigh the evidence → write → check → record."""
