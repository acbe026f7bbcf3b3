"""The pages, a file each: Streamlit runs them, nobody imports them. Not `pages`: a folder of that name it would run by itself."""
