"""The dashboard's queries over a year of a busy installation."""
