"""Where gunicorn finds the desk. Reads the environment once, here."""

import os

from config.logs import start_logging
from config.settings import Settings
from console.app import create_app
from console.services import make_services

start_logging()
application = create_app(make_services(Settings.read(os.environ)))
