"""Parts of a dump as one file of another format: JSON lines, Parquet, CSV, XLSX, SQLite."""
