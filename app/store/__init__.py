"""The store: tables, migrations, encryption."""
