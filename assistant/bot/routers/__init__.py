"""Which update means what. Each router stores, and leaves what takes long to those who work from the rows."""
