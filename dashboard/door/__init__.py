"""The door: who may come in. It stands before the whole Streamlit application, its websocket included."""
