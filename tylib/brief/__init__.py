"""The page: figures, tables and blocks in the reader's language, and the sheet they stand on."""
