from pathlib import Path

import pytest

from ops.demo.programs import Failed
from ops.demo.shops.postgres import Postgres


def test_a_copy_of_a_database_has_its_rows_and_its_constraints(postgres: Postgres, tmp_path: Path) -> None:
    postgres.create("orders")
    postgres.sql("orders", "CREATE TABLE orders (ref text UNIQUE)")
    postgres.sql("orders", "INSERT INTO orders VALUES ('FB-1')")
    postgres.dump("orders", tmp_path / "backup.sql")

    postgres.create("copied", template="orders")
    postgres.restore("restored", tmp_path / "backup.sql")

    for database in ("copied", "restored"):
        assert postgres.sql(database, "SELECT ref FROM orders") == [["FB-1"]]
        with pytest.raises(Failed, match="unique"):
            postgres.sql(database, "INSERT INTO orders VALUES ('FB-1')")
