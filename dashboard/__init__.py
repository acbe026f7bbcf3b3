"""The dashboard: Streamlit pages over `analytics.queries` and `evals`, behind a door of our own."""
