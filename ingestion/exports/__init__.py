"""How chat exports are read: Telegram Desktop JSON and the v1 CSV.

Pure reading: nothing is masked here, nothing is stored. `source.open_export` recognises a file by its content.
An export is read twice: `survey` validates the whole file and learns its chats and the names in them, `read` gives
the messages.
"""
