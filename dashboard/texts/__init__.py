"""Every word of the dashboard, in both languages of its users: a module a page."""
