"""The unit store over PGVectorStore's table `data_units`: write, delete, hybrid query."""
