"""What each page of the dashboard shows: typed read models over the tables that the consumers keep, a module a page.

Every query takes a session that cannot write, a period where it has one, and whose chats may be seen; what belongs to no
chat is for those who may see every chat. Nothing here reads all messages.
"""
