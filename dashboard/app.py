"""The script that Streamlit runs for every visitor, at every interaction."""

from dashboard.shell import run

run()
