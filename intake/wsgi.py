"""Where gunicorn finds the public app. Reads the environment once, here."""

import os

from config.logs import start_logging
from config.secrets import read_door_secrets
from config.settings import Settings
from intake.app import create_app, make_front

start_logging()
_settings = Settings.read(os.environ)
application = create_app(make_front(_settings, read_door_secrets(os.environ, _settings.state)))
