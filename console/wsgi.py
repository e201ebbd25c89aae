"""Where gunicorn finds the desk. Reads the environment once, here."""

import os

from config.logs import start_logging
from config.settings import Settings
from console.changeover import ChangingDesk
from console.services import make_services

start_logging()
application = ChangingDesk(make_services(Settings.read(os.environ)))
